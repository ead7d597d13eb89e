import type { Attempt, Delivery, DeliveryListing, Tidings } from '@tidings/client'
import type { Command } from 'commander'
import type { Colour } from '../console/colour.ts'
import { withExample } from '../console/example.ts'
import type { Output } from '../console/output.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { wholeNumber } from '../console/values.ts'
import {
  addDeliverySearches,
  type ListingFlags,
  listingOf,
  withEvent,
  withSearch,
  withStatus,
} from './delivery-searches.ts'

const statusColours: Readonly<Record<Delivery['status'], Colour>> = {
  waiting: 'yellow',
  delivered: 'green',
  failed: 'red',
  superseded: 'dim',
}

const columns: readonly Column<Delivery>[] = [
  { title: 'ID', value: (delivery) => delivery.id },
  { title: 'STATUS', value: (delivery) => delivery.status, colour: (delivery) => statusColours[delivery.status] },
  { title: 'SUBSCRIPTION', value: ({ subscription }) => subscription ?? '' },
  { title: 'TENANT', value: ({ tenantId }) => String(tenantId), isNumber: true },
  { title: 'TYPE', value: (delivery) => delivery.type, isFlexible: true },
  { title: 'ENTITY', value: ({ entityId }) => entityId, isFlexible: true },
  { title: 'EVENT', value: ({ event }) => event.id ?? '', isFlexible: true },
  { title: 'TRIES', value: (delivery) => String(delivery.attempts), isNumber: true },
  { title: 'LAST', value: ({ lastAttempt }) => (lastAttempt ? outcomeOf(lastAttempt) : ''), isFlexible: true },
  { title: 'AT', value: ({ lastAttempt }) => lastAttempt?.at ?? '', isFlexible: true },
  { title: 'NEXT', value: (delivery) => delivery.nextAttemptAt ?? '', isFlexible: true },
]

const attemptColumns: readonly Column<Attempt>[] = [
  { title: 'AT', value: (attempt) => attempt.at },
  { title: 'TOOK', value: (attempt) => `${Math.round(attempt.durationMs)} ms`, isNumber: true },
  {
    title: 'OUTCOME',
    value: outcomeOf,
    colour: (attempt) => (attempt.error === null ? 'green' : 'red'),
    isFlexible: true,
  },
  { title: 'ANSWER', value: (attempt) => attempt.body ?? '', isFlexible: true },
]

interface ListFlags extends ListingFlags {
  readonly limit: number
}

export function addDeliveries(program: Command): void {
  const deliveries = withExample(
    program.command('deliveries').description('what was sent, what came back, what is undelivered and why'),
    'tidings deliveries',
    'tidings deliveries undelivered --subscription sub_…',
    'tidings deliveries list --event inv-3817-v12',
    'tidings deliveries resend dlv_…',
  )

  withExample(
    withConnection(
      withStatus(
        withSearch(
          withEvent(
            deliveries
              .command('list', { isDefault: true })
              .description('deliveries, newest first; also without `list`'),
          ),
        ),
      ).option('--limit <number>', 'at most so many', wholeNumber, 100),
    ),
    'tidings deliveries list --subscription sub_… --status failed',
  ).action(async (flags: ListFlags, command: Command) => {
    const { client, out } = openConnection(command)
    await show(client, out, listingOf(flags), flags.limit)
  })

  withExample(
    withConnection(
      withSearch(
        withEvent(deliveries.command('undelivered').description('lists deliveries that are waiting or failed')),
      ).option('--limit <number>', 'at most so many', wholeNumber, 100),
    ),
    'tidings deliveries undelivered --subscription sub_…',
  ).action(async (flags: ListFlags, command: Command) => {
    const { client, out } = openConnection(command)
    await show(client, out, { ...listingOf(flags), status: 'undelivered' }, flags.limit)
  })

  withExample(
    withConnection(deliveries.command('attempts <id>').description('every attempt of one delivery')),
    'tidings deliveries attempts dlv_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await out.list(await Array.fromAsync(client.deliveries.attempts(id)), attemptColumns, 'It was not attempted yet.')
  })

  addDeliverySearches(deliveries)
}

async function show(client: Tidings, out: Output, search: DeliveryListing, limit: number): Promise<void> {
  const list: Delivery[] = []
  let isCut = false
  for await (const delivery of client.deliveries.list(search)) {
    if (list.length === limit) {
      isCut = true
      break
    }
    list.push(delivery)
  }
  await out.list(list, columns, 'There are none.')
  if (isCut) out.note(`There are more than ${limit}: give --limit for more.`)
}

function outcomeOf(attempt: Attempt): string {
  return attempt.error ?? String(attempt.status ?? '')
}
