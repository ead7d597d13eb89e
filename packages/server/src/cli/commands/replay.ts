import type { NotGranted } from '@tidings/client'
import { type Command, Option } from 'commander'
import { delay } from '../console/delay.ts'
import { withExample } from '../console/example.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import { notGrantedText } from '../console/not-granted-text.ts'
import { grouped, ProgressLine } from '../console/progress-line.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { UsageError } from '../console/usage-error.ts'
import { jsonValue, timeOrAge } from '../console/values.ts'

interface ReplayFlags {
  readonly to?: string
  readonly offsets?: { readonly [topic: string]: string }
  readonly wait: boolean
}

const pollMs = 500

export function addReplay(program: Command): void {
  withExample(
    withConnection(
      program
        .command('replay <subscription>')
        .description('rewinds a subscription: sends everything after a point again')
        .option('--to <where>', 'earliest, a time, or how long ago as 2h')
        .addOption(new Option('--offsets <json>', 'after these, as {"invoices":"…"}').argParser(jsonValue))
        .option('--no-wait', 'returns at once, without waiting until it has caught up'),
    ),
    'tidings replay sub_… --to 2h',
  ).action(async (id: string, flags: ReplayFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const to = targetOf(flags)
    const { behind, notGranted } = await client.subscriptions.rewind(id, to)
    if (notGranted) {
      const { integrationId } = await client.subscriptions.get(id)
      out.note(notGrantedText(notGranted, { verb: 'are read again and not sent,', integrationId }))
    }
    if (!flags.wait)
      return out.result({ behind, notGranted }, () => out.line(`The subscription reads ${behind} events again.`))
    out.note(`The subscription reads ${behind} events again. Ctrl-C ends the waiting, not the replay.`)
    const progress = new ProgressLine(out, { total: behind, unit: 'events' })
    let left = behind
    await untilInterrupted(async (signal) => {
      for (;;) {
        const stats = await client.subscriptions.stats(id)
        if (stats.behind === undefined)
          throw new UsageError('this server does not say how far a subscription is: use --no-wait')
        left = stats.behind
        progress.set(Math.max(0, behind - left))
        if (left === 0) return
        await delay(pollMs, signal)
      }
    })
    progress.end()
    await out.result({ behind, left, notGranted }, () =>
      out.line(
        left === 0
          ? `Caught up: the subscription has read all ${behind} events${unsent(notGranted)}.`
          : `${left} events are still ahead.`,
      ),
    )
  })
}

function unsent(notGranted: NotGranted | undefined): string {
  if (!notGranted) return ''
  const { events, isExact } = notGranted
  return `, of which ${isExact ? '' : 'at least '}${grouped(events)} were not sent: no grant stands`
}

function targetOf({ to, offsets }: ReplayFlags) {
  if ((to === undefined) === (offsets === undefined))
    throw new UsageError('say from where: --to 2h, --to earliest, or --offsets')
  if (offsets) return { offsets }
  return to === 'earliest' ? ('earliest' as const) : { time: timeOrAge(to!) }
}
