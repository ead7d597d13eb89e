import { type Command, InvalidArgumentError } from 'commander'
import { withExample } from '../console/example.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import { Output } from '../console/output.ts'
import { portNumber, wholeNumber } from '../console/values.ts'

export function addDemo(program: Command): void {
  withExample(
    program
      .command('demo')
      .description('a demonstration: the server, two companies that change, one integrator that receives')
      .option('--port <number>', 'port of the server; if it is taken, the next free one', portNumber, 8080)
      .option('--events <number>', 'stops after this many events; default: runs until Ctrl-C', wholeNumber)
      .option('--every <ms>', 'between two changes, as 1000-2000', range, [1_000, 2_000] as const),
    'tidings demo',
    'tidings demo --events 10 --every 200-400',
  ).action(async (flags: { port: number; events?: number; every: readonly [number, number] }, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    await untilInterrupted(async (signal) => {
      const { demonstrate } = await import('../demo/demonstration.ts')
      await demonstrate(out, { port: flags.port, events: flags.events, everyMs: flags.every }, signal)
    })
  })
}

function range(text: string): readonly [number, number] {
  const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text)
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? match?.[1])
  if (!match || to < from) throw new InvalidArgumentError('It must be milliseconds, as 500 or 1000-2000.')
  return [from, to]
}
