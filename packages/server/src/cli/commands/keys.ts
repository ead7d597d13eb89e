import type { ApiKey } from '@tidings/client'
import { type Command, Option } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'

const columns: readonly Column<ApiKey>[] = [
  { title: 'ID', value: (key) => key.id },
  { title: 'KIND', value: (key) => key.kind },
  { title: 'NAME', value: (key) => key.name ?? '', isFlexible: true },
  { title: 'INTEGRATION', value: (key) => key.integrationId ?? '' },
  { title: 'CREATED', value: (key) => key.createdAt },
  { title: 'EXPIRES', value: (key) => key.expiresAt ?? 'never' },
]

interface NewKeyFlags {
  readonly kind: ApiKey['kind']
  readonly name?: string
  readonly integration?: string
  readonly expires?: string
}

export function addKeys(program: Command): void {
  const keys = withExample(
    program.command('keys').description("publishers', operators' and portals' keys"),
    'tidings keys create --kind pub --name "ERP back end"',
  )

  withExample(withConnection(keys.command('list').description('all keys')), 'tidings keys list').action(
    async (_flags, command: Command) => {
      const { client, out } = openConnection(command)
      await out.list(await Array.fromAsync(client.keys.list()), columns, 'There are no keys yet.')
    },
  )

  withExample(
    withConnection(
      keys
        .command('create')
        .description('creates a key and shows it, only this once')
        .addOption(
          new Option(
            '--kind <kind>',
            "pub publishes, admin does everything, portal looks after one integration's webhooks",
          )
            .choices(['pub', 'admin', 'portal'])
            .default('pub'),
        )
        .option('--name <name>', 'to tell it from the others')
        .option('--integration <id>', 'of a portal: whose')
        .option('--expires <time>', 'of a portal: when it ends, RFC 3339, up to a day ahead; default: in an hour'),
    ),
    'tidings keys create --kind pub --name "ERP back end"',
    'tidings keys create --kind portal --integration int_…',
  ).action(async (flags: NewKeyFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const made = await client.keys.create({
      kind: flags.kind,
      name: flags.name,
      integrationId: flags.integration,
      expiresAt: flags.expires,
    })
    await out.result(made, async () => {
      await out.fields({ id: made.id, kind: made.kind ?? flags.kind, key: made.key })
      out.note('The key is not shown again. Store it now.')
    })
  })

  withExample(
    withConnection(keys.command('delete <id>').description('deletes a key; it is refused from then on')),
    'tidings keys delete key_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.keys.delete(id)
    await out.result({ deleted: id }, () => out.line(`Key ${id} was deleted.`))
  })
}
