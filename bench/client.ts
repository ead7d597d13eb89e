import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Figure } from './figure.ts'
import type { LoopResult } from './request-loop.ts'

const rounds = 5
const connections = 32
/** Bytes of a delivery's body, about. */
const bodyBytes = 420
const programs = ['bare-dispatch.ts', 'transport-dispatch.ts'] as const

/** The client that sends deliveries beside a bare undici loop, to the same receiver, in alternating rounds; medians. */
export async function measureClient(requests: number): Promise<Figure[]> {
  const sink = fork(new URL('webhook-sink.ts', import.meta.url))
  try {
    const [{ port }] = (await once(sink, 'message')) as [{ port: number }]
    const results = { 'bare-dispatch.ts': [] as LoopResult[], 'transport-dispatch.ts': [] as LoopResult[] }
    for (let round = 0; round < rounds; round++) {
      for (const program of programs) results[program].push(await runLoop(program, port, requests))
    }
    const figureOf = (program: (typeof programs)[number]) => ({
      unit: 'requests/s',
      perSecond: requests / median(results[program].map(({ seconds }) => seconds)),
      cpuSecondsPerMillion: (median(results[program].map(({ cpuSeconds }) => cpuSeconds)) * 1e6) / requests,
      target: null,
    })
    const bare = figureOf('bare-dispatch.ts')
    return [
      { what: `undici dispatch, ${connections} connections`, ...bare, baseline: null },
      {
        what: `client: guard, limits and result, ${connections} connections`,
        ...figureOf('transport-dispatch.ts'),
        baseline: { what: 'bare dispatch', perSecond: bare.perSecond },
      },
    ]
  } finally {
    sink.disconnect()
  }
}

async function runLoop(program: string, port: number, requests: number): Promise<LoopResult> {
  const url = `http://127.0.0.1:${port}/hook`
  const loop = fork(new URL(program, import.meta.url), [url, String(requests), String(connections), String(bodyBytes)])
  const failed = once(loop, 'exit').then(() => Promise.reject(new Error(`${program} failed`)))
  const [result] = (await Promise.race([once(loop, 'message'), failed])) as [LoopResult]
  return result
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
