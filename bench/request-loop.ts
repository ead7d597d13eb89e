/** What a loop of requests took, without its warm-up. */
export interface LoopResult {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** The headers of a signed delivery. */
export const deliveryHeaders = [
  ['webhook-id', 'dlv_000000000000000000000000'],
  ['webhook-timestamp', '1514469556'],
  ['webhook-signature', `v1,${'A'.repeat(44)}`],
  ['content-type', 'application/json'],
] as const

/** `connections` requests under way at once until all are made, after a quarter as many to warm up. */
export async function requestLoop(
  send: () => Promise<unknown>,
  requests: number,
  connections: number,
): Promise<LoopResult> {
  let left = 0
  const connection = async () => {
    while (left-- > 0) await send()
  }
  const run = async (count: number) => {
    left = count
    await Promise.all(Array.from({ length: connections }, connection))
  }
  await run(Math.ceil(requests / 4))
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  await run(requests)
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}
