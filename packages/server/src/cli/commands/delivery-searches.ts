import type { DeliveryListing, DeliverySearch, Resend, TenantId, Tidings } from '@tidings/client'
import { type Command, Option } from 'commander'
import { delay } from '../console/delay.ts'
import { withExample } from '../console/example.ts'
import { exitCodes } from '../console/exit-code.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import type { Output } from '../console/output.ts'
import { ProgressLine } from '../console/progress-line.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { UsageError } from '../console/usage-error.ts'
import { commaList, tenantIdList, timeOrAge } from '../console/values.ts'

export interface SearchFlags {
  readonly subscription?: string
  readonly status?: NonNullable<DeliverySearch['status']>
  readonly type?: readonly string[]
  readonly tenant?: readonly TenantId[]
  readonly entity?: string
  readonly error?: string
  readonly since?: string
  readonly until?: string
}

/** What lists and exports take beside that. */
export interface ListingFlags extends SearchFlags {
  readonly event?: string
}

const pollMs = 500

const statuses = ['waiting', 'delivered', 'failed', 'superseded', 'undelivered']

/** The flags of what looks for deliveries by everything but their status. */
export function withSearch(command: Command): Command {
  return command
    .option('--subscription <id>', 'only those of this subscription')
    .option('--type <patterns>', 'as invoice.*,customer.updated', commaList)
    .option('--tenant <ids>', 'only those of these tenants', tenantIdList)
    .option('--entity <id>', 'only those of events of this entity')
    .option('--error <error>', 'of the last attempt, as http_500')
    .option('--since <when>', 'last attempted since a time, or how long ago as 2h', (text) => timeOrAge(text))
    .option('--until <when>', 'last attempted before', (text) => timeOrAge(text))
}

export function withEvent(command: Command): Command {
  return command.option('--event <id>', "only those of this event: the publisher's id, Tidings' own, or topic:offset")
}

export function withStatus(command: Command): Command {
  return command.addOption(new Option('--status <status>', 'only those').choices(statuses))
}

/** The commands that work on all deliveries that match, however many there are. */
export function addDeliverySearches(deliveries: Command): void {
  withExample(
    withConnection(
      withStatus(
        withSearch(withEvent(deliveries.command('export').description('all of them as NDJSON on standard output'))),
      ),
    ),
    'tidings deliveries export --subscription sub_… --status undelivered > missed.ndjson',
  ).action(async (flags: ListingFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const progress = new ProgressLine(out, { unit: 'deliveries' })
    let count = 0
    for await (const line of client.deliveries.export(listingOf(flags))) {
      await out.line(line)
      count += 1
      // A terminal shows the lines themselves.
      if (!process.stdout.isTTY) progress.set(count)
    }
    progress.end()
  })

  withExample(
    withConnection(
      withStatus(
        withSearch(
          deliveries
            .command('resend [ids...]')
            .description(
              'sends deliveries again under the same ids: those named, or all that match a subscription and filters',
            )
            .option('--no-wait', 'returns at once, with an id for `tidings resends`'),
        ),
      ),
    ),
    'tidings deliveries resend dlv_…',
    'tidings deliveries resend --subscription sub_… --no-wait',
    'tidings deliveries resend --subscription sub_… --status failed --since 2h --type "invoice.*"',
  ).action(async (ids: readonly string[], flags: SearchFlags & { readonly wait: boolean }, command: Command) => {
    const { client, out } = openConnection(command)
    const { subscription } = flags
    const hasFilter = Object.values(searchOf(flags)).some((given) => given !== undefined)
    if (subscription === undefined ? ids.length === 0 || hasFilter || !flags.wait : ids.length > 0) {
      throw new UsageError('give delivery ids alone, or --subscription <id> and filters (failed ones by default)')
    }
    if (subscription === undefined) {
      for (const id of ids) await client.deliveries.resend(id)
      return out.result({ resent: ids.length }, () => out.line(queued(ids.length)))
    }
    const begun = await client.deliveries.beginResend({ ...searchOf(flags), subscription })
    if (!flags.wait) {
      await out.result(begun, () => out.line(begun.id))
      out.note(`How far it is: tidings resends ${begun.id}`)
      return
    }
    const resend = await untilEnded(client, out, begun)
    await out.result(resend, () => out.line(queued(resend.resent)))
    if (resend.status !== 'done')
      out.note(`The resend is ${resend.status}. How far it is: tidings resends ${resend.id}`)
    if (resend.status === 'interrupted') process.exitCode ||= exitCodes.failed
    await noteWaiting(client, out, { ...flags, subscription })
  })
}

/** The resend as it ended, or as it was when Ctrl-C ended the waiting. */
async function untilEnded(client: Tidings, out: Output, begun: Resend): Promise<Resend> {
  let resend = begun
  const progress = new ProgressLine(out, { unit: 'deliveries' })
  try {
    await untilInterrupted(async (signal) => {
      for (;;) {
        resend = await client.deliveries.resendProgress(begun.id)
        progress.set(resend.resent)
        if (resend.status !== 'running') return
        await delay(pollMs, signal)
      }
    })
  } finally {
    progress.end()
  }
  return resend
}

function queued(count: number): string {
  return `${count} ${count === 1 ? 'delivery' : 'deliveries'} queued to be sent again.`
}

function searchOf({ type, tenant, ...rest }: SearchFlags): DeliverySearch {
  const { subscription, status, entity, error, since, until } = rest
  return { subscription, status, entity, error, since, until, types: type, tenants: tenant }
}

export function listingOf(flags: ListingFlags): DeliveryListing {
  return { ...searchOf(flags), event: flags.event }
}

/** Without a status, failed deliveries alone are sent again: whoever wants everything sent now is told what was left. */
async function noteWaiting(
  client: Tidings,
  out: Output,
  { subscription, status }: SearchFlags & { readonly subscription: string },
): Promise<void> {
  if (status !== undefined) return
  const { deliveries } = await client.subscriptions.missed(subscription)
  const { waiting } = deliveries
  if (waiting === 0) return
  const what = waiting === 1 ? '1 delivery waits' : `${waiting} deliveries wait`
  out.note(
    `${what} for the next attempt. To send these now as well: tidings deliveries resend --subscription ${subscription} --status undelivered`,
  )
}
