import type {
  NewSubscription,
  Subscription,
  SubscriptionSearch,
  SubscriptionStart,
  TenantId,
  TenantSelection,
} from '@tidings/client'
import { type Command, Option } from 'commander'
import { dialectNames, streamDialectNames } from '../../core/dialect/dialect-names.ts'
import { withExample } from '../console/example.ts'
import { notGrantedText } from '../console/not-granted-text.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { UsageError } from '../console/usage-error.ts'
import { commaList, jsonValue, numberList, tenantId, tenantIdList, timeOrAge, wholeNumber } from '../console/values.ts'
import { addSubscriptionReading } from './subscription-reading.ts'

const columns: readonly Column<Subscription>[] = [
  { title: 'ID', value: (subscription) => subscription.id },
  {
    title: 'STATUS',
    value: ({ status, disabledReason }) => (disabledReason ? `${status}: ${disabledReason}` : status),
    colour: ({ status }) => (status === 'active' ? 'green' : 'red'),
    isFlexible: true,
  },
  { title: 'DIALECT', value: (subscription) => subscription.dialect },
  { title: 'INTEGRATION', value: (subscription) => subscription.integrationId },
  { title: 'TENANTS', value: (subscription) => tenantsOf(subscription), isFlexible: true },
  { title: 'TYPES', value: (subscription) => subscription.types.join(','), isFlexible: true },
  { title: 'ENDPOINT', value: (subscription) => subscription.endpoint.url, isFlexible: true },
]

function tenantsOf({ tenants, tenantId: bound }: Subscription): string {
  if (tenants === 'granted') return bound === null ? 'granted' : String(bound)
  return isList(tenants) ? tenants.join(',') : `${tenants.subtree} and below`
}

const isList = (tenants: TenantSelection): tenants is readonly TenantId[] => Array.isArray(tenants)

interface ChangeFlags {
  readonly url?: string
  readonly types?: readonly string[]
  readonly tenants?: readonly TenantId[]
  readonly subtree?: TenantId
  /** False: none any more. */
  readonly filter?: unknown
  readonly fields?: string
  readonly header?: readonly string[]
  readonly timeout?: number
  readonly ordering?: 'none' | 'entity'
  readonly coalesce?: 'none' | 'latest'
  readonly retryDelays?: readonly number[]
  readonly concurrency?: number
  readonly rate?: number
  readonly description?: string
}

function withChanges(command: Command): Command {
  return command
    .option('--types <patterns>', 'as invoice.*,customer.updated or *', commaList)
    .option('--tenants <ids>', 'only these tenants; default: all that granted the integration', tenantIdList)
    .option('--subtree <tenant>', 'this tenant and its descendants', tenantId)
    .option('--filter <json>', 'JSON match on event fields', jsonValue)
    .option('--fields <fields>', 'which parts of data')
    .option('--header <name: value>', 'sent along; may be repeated', (text, before: readonly string[] = []) => [
      ...before,
      text,
    ])
    .option('--timeout <seconds>', 'for a whole attempt, 1 to 30', wholeNumber)
    .addOption(
      new Option('--ordering <kind>', 'entity: events of an entity one after the other; none: in parallel').choices([
        'none',
        'entity',
      ]),
    )
    .addOption(
      new Option('--coalesce <kind>', 'latest: of the waiting events of an entity, only the newest is sent').choices([
        'none',
        'latest',
      ]),
    )
    .option('--retry-delays <seconds>', 'between attempts, as 5,60,3600', numberList)
    .option('--concurrency <number>', 'attempts at once', wholeNumber)
    .option('--rate <number>', 'attempts a second', wholeNumber)
    .option('--description <text>', 'for people')
}

export function addSubscriptions(program: Command): void {
  const subscriptions = withExample(
    program.command('subscriptions').description('webhooks: which events go to which endpoint'),
    'tidings subscriptions create https://example.com/hook --types "invoice.*"',
  )

  withExample(
    withConnection(
      subscriptions
        .command('list')
        .description('all subscriptions, or those that are looked for')
        .option('--search <text>', 'a part of the id, of the URL or of the description')
        .addOption(new Option('--status <status>', 'how they fare').choices(['active', 'failing', 'disabled']))
        .option('--dialect <name>', 'the contract that they are sent by')
        .option('--integration <id>', 'whose they are'),
    ),
    'tidings subscriptions list --status failing',
  ).action(async ({ search, status, dialect, integration }: SubscriptionSearch, command: Command) => {
    const { client, out } = openConnection(command)
    const sought = { search, status, dialect, integration }
    const isAll = Object.values(sought).every((value) => value === undefined)
    const none = isAll ? 'There are no subscriptions yet.' : 'No subscription is like that.'
    await out.list(await Array.fromAsync(client.subscriptions.list(sought)), columns, none)
  })

  withExample(
    withConnection(
      withChanges(
        subscriptions
          .command('create <endpoint>')
          .description(
            "creates a subscription with an integration's credentials and shows its signing secret, only this once",
          )
          .addOption(
            new Option('--dialect <name>', 'the contract to send by')
              .choices(dialectNames.filter((name) => !streamDialectNames.includes(name)))
              .default('standard'),
          )
          .option('--start <where>', 'now, earliest, a time, or how long ago as 2h', startOf),
      ),
    ),
    'tidings subscriptions create https://example.com/hook --types "invoice.*" --start 2h',
  ).action(
    async (url: string, flags: ChangeFlags & { dialect: string; start?: SubscriptionStart }, command: Command) => {
      const { client, out } = openConnection(command)
      if (!flags.types) throw new UsageError('say which events: --types "invoice.*", or --types "*" for all')
      const change = changeOf(flags)
      const made = await client.subscriptions.create({
        ...change,
        endpoint: { ...change.endpoint, url },
        types: flags.types,
        dialect: flags.dialect,
        ...(flags.start !== undefined && { start: flags.start }),
      })
      await out.result(made, async () => {
        await out.fields({ id: made.id, status: made.status, types: made.types.join(','), endpoint: made.endpoint.url })
        if (made.signingPublicKey !== undefined) await out.fields({ signingPublicKey: made.signingPublicKey })
        if (made.signingSecret === undefined) return
        await out.fields({ signingSecret: made.signingSecret })
        out.note('The signing secret is not shown again. Store it now.')
      })
    },
  )

  withExample(
    withConnection(subscriptions.command('get <id>').description('one subscription')),
    'tidings subscriptions get sub_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const subscription = await client.subscriptions.get(id)
    await out.result(subscription, () => out.fields({ ...subscription }))
  })

  withExample(
    withConnection(
      withChanges(
        subscriptions
          .command('update <id>')
          .description('changes the options that you give and leaves the rest')
          .option('--endpoint <url>', 'its new endpoint')
          .option('--no-filter', 'takes its filter away'),
      ),
    ),
    'tidings subscriptions update sub_… --types "invoice.*,customer.*"',
  ).action(async (id: string, flags: ChangeFlags & { endpoint?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const change = changeOf(flags)
    const endpoint = { ...change.endpoint, ...(flags.endpoint !== undefined && { url: flags.endpoint }) }
    const subscription = await client.subscriptions.update(id, {
      ...change,
      ...(Object.keys(endpoint).length > 0 && { endpoint: endpoint as NewSubscription['endpoint'] }),
    })
    await out.result(subscription, () => out.line(`Subscription ${id} was changed.`))
  })

  withExample(
    withConnection(subscriptions.command('delete <id>').description('deletes a subscription with its deliveries')),
    'tidings subscriptions delete sub_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.subscriptions.delete(id)
    await out.result({ deleted: id }, () => out.line(`Subscription ${id} was deleted.`))
  })

  withExample(
    withConnection(
      subscriptions
        .command('enable <id>')
        .description('lets a disabled subscription send again; by default it goes on where it stopped')
        .option('--from <where>', 'stopped, now, a time, or how long ago as 2h', 'stopped'),
    ),
    'tidings subscriptions enable sub_… --from 2h',
  ).action(async (id: string, flags: { from: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const from = flags.from === 'stopped' || flags.from === 'now' ? flags.from : { time: timeOrAge(flags.from) }
    const subscription = await client.subscriptions.enable(id, from)
    await out.result(subscription, () => out.line(`Subscription ${id} is ${subscription.status}.`))
  })

  withExample(
    withConnection(subscriptions.command('disable <id>').description('stops a subscription until it is enabled')),
    'tidings subscriptions disable sub_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const subscription = await client.subscriptions.disable(id)
    await out.result(subscription, () => out.line(`Subscription ${id} is ${subscription.status}.`))
  })

  withExample(
    withConnection(
      subscriptions
        .command('test <id>')
        .description('makes one test delivery and shows what the receiver answered')
        .option('--type <type>', 'of this event type; default: one that the subscription gets'),
    ),
    'tidings subscriptions test sub_… --type invoice.updated',
  ).action(async (id: string, flags: { type?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const outcome = await client.subscriptions.test(id, flags.type)
    await out.result(outcome, () => out.fields({ ...outcome }))
    if (outcome.error !== null) process.exitCode = 1
  })

  withExample(
    withConnection(
      subscriptions
        .command('rotate-secret <id>')
        .description('creates a new signing secret; until the overlap ends both secrets sign')
        .option('--overlap <seconds>', 'how long the old one still signs', wholeNumber),
    ),
    'tidings subscriptions rotate-secret sub_… --overlap 86400',
  ).action(async (id: string, flags: { overlap?: number }, command: Command) => {
    const { client, out } = openConnection(command)
    const answer = await client.subscriptions.rotateSecret(id, flags.overlap)
    await out.result(answer, async () => {
      await out.fields({ ...answer })
      if (answer.signingSecret !== undefined) out.note('The signing secret is not shown again. Store it now.')
    })
  })

  withExample(
    withConnection(
      subscriptions.command('stats <id>').description('shows how far a subscription is and how well it works'),
    ),
    'tidings subscriptions stats sub_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const stats = await client.subscriptions.stats(id)
    const { notGranted, ...fields } = stats
    await out.result(stats, () => out.fields({ ...fields, notGranted: notGranted?.events }))
    if (!notGranted && stats.hasGrant !== false) return
    const { integrationId } = await client.subscriptions.get(id)
    if (notGranted) out.note(notGrantedText(notGranted, { verb: 'were not sent,', integrationId }))
    else
      out.note(`No tenant grants this subscription anything, so nothing is sent: tidings tokens list ${integrationId}`)
  })

  addSubscriptionReading(subscriptions)
}

/** `now`, `earliest`, a time or an age. */
function startOf(text: string): SubscriptionStart {
  return text === 'now' || text === 'earliest' ? text : { time: timeOrAge(text) }
}

function changeOf(flags: ChangeFlags): Partial<NewSubscription> {
  const headers = flags.header?.map((text): [string, string] => {
    const colon = text.indexOf(':')
    if (colon < 1) throw new UsageError(`--header ${text}: write it as "name: value"`)
    return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
  })
  if (flags.tenants && flags.subtree !== undefined) throw new UsageError('give --tenants or --subtree, not both')
  const tenants: TenantSelection | undefined = flags.subtree !== undefined ? { subtree: flags.subtree } : flags.tenants
  const endpoint = {
    ...(headers && { headers: Object.fromEntries(headers) }),
    ...(flags.timeout !== undefined && { timeoutSeconds: flags.timeout }),
  }
  return {
    types: flags.types,
    tenants,
    filter: flags.filter === false ? null : flags.filter,
    fields: flags.fields,
    ordering: flags.ordering,
    coalesce: flags.coalesce,
    retry: flags.retryDelays && { delaysSeconds: flags.retryDelays },
    concurrency: flags.concurrency,
    ratePerSecond: flags.rate,
    description: flags.description,
    ...(Object.keys(endpoint).length > 0 && { endpoint: endpoint as NewSubscription['endpoint'] }),
  } as Partial<NewSubscription>
}
