import type { AuditEntry, AuditSearch, TenantId } from '@tidings/client'
import { type Command, Option } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { tenantId, timeOrAge, wholeNumber } from '../console/values.ts'

interface AuditFlags extends Omit<AuditSearch, 'tenant'> {
  readonly tenant?: TenantId
  readonly limit: number
}

const columns: readonly Column<AuditEntry>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'BY', value: ({ by }) => by.kind },
  { title: 'ID OF BY', value: ({ by }) => by.id ?? '' },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'WHAT', value: ({ kind }) => kind },
  { title: 'ID', value: ({ id }) => id ?? '' },
  { title: 'INTEGRATION', value: ({ integrationId }) => integrationId ?? '' },
  { title: 'TENANT', value: ({ tenantId: id }) => (id === null ? '' : String(id)), isNumber: true },
  { title: 'REQUEST', value: ({ request }) => request, isFlexible: true },
  { title: 'FROM', value: ({ address }) => address },
]

export function addAudit(program: Command): void {
  withExample(
    withConnection(
      program
        .command('audit')
        .description('who changed what: administrative changes, newest first')
        .option('--integration <id>', 'changes to what belongs to it, and changes that it made')
        .option('--tenant <id>', 'changes to the tenant, its grants, and subscriptions bound to it', tenantId)
        .option('--kind <kind>', 'of what was changed, as token or subscription')
        .option('--subject <id>', 'the id of what was changed')
        .addOption(
          new Option('--action <action>', 'what was done').choices(['created', 'changed', 'deleted', 'requested']),
        )
        .option('--actor <who>', 'a kind, as operator or integrator, or an id, as key_… or int_…')
        .option('--address <address>', 'where the request came from')
        .option('--since <when>', 'since a time, or how long ago as 2h', (text) => timeOrAge(text))
        .option('--until <when>', 'before a time', (text) => timeOrAge(text))
        .option('--limit <number>', 'shows so many', wholeNumber, 100),
    ),
    'tidings audit --since 2d',
    'tidings audit --tenant 29302 --kind token --action deleted',
  ).action(async (flags: AuditFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const { integration, tenant, kind, subject, action, actor, address, since, until, limit } = flags
    const found: AuditEntry[] = []
    let hasMore = false
    for await (const entry of client.audit.list({
      ...{ integration, tenant, kind, subject, action },
      ...{ actor, address, since, until },
    })) {
      hasMore = found.length === limit
      if (hasMore) break
      found.push(entry)
    }
    await out.list(found, columns, 'There are no such changes.')
    if (hasMore) out.note(`There are more than these ${limit}: --limit <number>, or narrower filters.`)
  })
}
