import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { missingFrom, publishUntil } from './interrupted-publisher.ts'
import { obstacle, Volume } from './volume.ts'

const reason = obstacle()
if (reason) console.warn(`power-cut: not run, because this machine cannot do it (root and loop devices): ${reason}`)
// In CI it has to run: there a machine that cannot is a failure.
const isRun = reason === undefined || process.env.CI === 'true'

let volume: Volume | undefined
afterEach(() => {
  volume?.remove()
  volume = undefined
})

/** One power cut in the middle of publishing; how many acknowledged events there were, and which are gone. */
async function round(synchronous: 'FULL' | 'NORMAL', acknowledged: number) {
  const cut = new Volume()
  volume = cut
  const directory = join(cut.path, 'data')
  const { before } = await publishUntil({ directory, synchronous, acknowledged, interrupt: () => cut.cutPower() })
  cut.restorePower()
  const missing = await missingFrom(directory, before)
  cut.unmount()
  cut.check()
  cut.remove()
  volume = undefined
  return { acknowledged: before.length, missing }
}

test.runIf(isRun).each([300, 1_500, 6_000])(
  'a power cut after %d acknowledged events loses none of them',
  async (count) => {
    const { acknowledged, missing } = await round('FULL', count)
    expect(acknowledged).toBeGreaterThanOrEqual(count)
    expect(missing).toEqual([])
  },
)

test.runIf(isRun)('without a sync for each commit it does lose some, so this test can see a loss', async () => {
  const losses: number[] = []
  while (losses.length < 5 && !losses.some((count) => count > 0)) {
    losses.push((await round('NORMAL', 1_500)).missing.length)
  }
  expect(losses.at(-1)).toBeGreaterThan(0)
})
