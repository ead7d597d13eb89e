import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Check, fail, ok, warn } from './check.ts'

const name = 'clock'
const largestSkewMs = 5_000
const why =
  'Retention and retries follow this clock, and receivers refuse webhooks whose timestamp is five minutes off.'
const advice = 'Set the clock and check that it is synchronised: timedatectl set-ntp true; timedatectl status.'

/** @param serverDateMs what the server's clock says; null: it was not asked */
export async function checkClock(
  data: string,
  names: readonly string[] | null,
  serverDateMs: number | null,
): Promise<Check> {
  const nowMs = Date.now()
  const writtenMs = await Promise.all(
    (names ?? []).map((each) =>
      stat(join(data, each)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  const newestMs = Math.max(0, ...writtenMs)
  if (newestMs > nowMs + largestSkewMs) {
    const detail = `it is ${new Date(nowMs).toISOString()}, and the store was written at ${new Date(newestMs).toISOString()}: it went back`
    return fail(name, detail, { why, advice })
  }
  const skewMs = serverDateMs === null ? 0 : serverDateMs - nowMs
  if (Math.abs(skewMs) > largestSkewMs) {
    const detail = `the server's is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the one here`
    return warn(name, detail, { why, advice: `On both machines: ${advice}` })
  }
  return ok(name, new Date(nowMs).toISOString())
}
