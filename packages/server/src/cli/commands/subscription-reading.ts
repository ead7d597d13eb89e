import type { CatchUpProgress, SkippedSpan, SubscriptionStats } from '@tidings/client'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { notGrantedText } from '../console/not-granted-text.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { UsageError } from '../console/usage-error.ts'

interface CatchUpFlags {
  readonly pause?: boolean
  readonly resume?: boolean
  readonly cancel?: boolean
}

const skippedColumns: readonly Column<SkippedSpan & { readonly subscription: string }>[] = [
  { title: 'SUBSCRIPTION', value: ({ subscription }) => subscription },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'AT', value: ({ at }) => at },
  { title: 'EVENTS', value: ({ events, isExact }) => (isExact ? String(events) : `at most ${events}`), isNumber: true },
  { title: 'DROPPED', value: ({ droppedEvents }) => String(droppedEvents), isNumber: true },
  { title: 'REWIND TO', value: ({ rewind }) => rewind?.to.time ?? '', isFlexible: true },
]

/** The commands about a subscription's reading, and about what it skipped. */
export function addSubscriptionReading(subscriptions: Command): void {
  withExample(
    withConnection(
      subscriptions
        .command('catch-up <id>')
        .description('shows how far a subscription has caught up; pauses, resumes or cancels that')
        .option('--pause', 'stops reading until it is resumed; nothing is lost')
        .option('--resume', 'continues where it was paused')
        .option('--cancel', 'skips everything that it is behind with'),
    ),
    'tidings subscriptions catch-up sub_…',
    'tidings subscriptions catch-up sub_… --pause',
  ).action(async (id: string, flags: CatchUpFlags, command: Command) => {
    const { client, out } = openConnection(command)
    if ([flags.pause, flags.resume, flags.cancel].filter(Boolean).length > 1) {
      throw new UsageError('give one of --pause, --resume and --cancel')
    }
    if (flags.pause) await client.subscriptions.pauseCatchUp(id)
    if (flags.resume) await client.subscriptions.resumeCatchUp(id)
    if (flags.cancel) await client.subscriptions.cancelCatchUp(id)
    const stats: SubscriptionStats = await client.subscriptions.stats(id)
    const catchUp = stats.catchUp ?? null
    await out.result(catchUp, async () => {
      if (!catchUp) await out.line(`Subscription ${id} is not catching up.`)
      else await out.fields(catchUpFields(catchUp))
    })
    if (flags.cancel) out.note(`To see what was skipped: tidings subscriptions missed ${id}`)
  })

  withExample(
    withConnection(
      subscriptions
        .command('missed <id>')
        .description('lists everything that a subscription should have received and did not, and how to get it back'),
    ),
    'tidings subscriptions missed sub_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const missed = await client.subscriptions.missed(id)
    await out.result(missed, async () => {
      await out.fields({ behind: missed.behind, ...missed.deliveries })
      const { subscription, skipped } = missed
      if (skipped.length > 0) {
        const rows = skipped.map((span) => ({ ...span, subscription }))
        await out.list(rows, skippedColumns, '')
      }
    })
    if (missed.notGranted) {
      const { integrationId } = await client.subscriptions.get(id)
      out.note(notGrantedText(missed.notGranted, { verb: 'were not sent, and do not count as missed,', integrationId }))
    }
    if (missed.deliveries.failed > 0)
      out.note(`To send failed deliveries again: tidings deliveries resend --subscription ${id}`)
    const earliest = missed.skipped.findLast(({ rewind }) => rewind !== null)?.rewind
    if (earliest) out.note(`To get the skipped events back: tidings replay ${id} --to ${earliest.to.time}`)
  })
}

function catchUpFields({ from, to, ...rest }: CatchUpProgress): Readonly<Record<string, unknown>> {
  return { ...rest, from: from.time, to: to.time }
}
