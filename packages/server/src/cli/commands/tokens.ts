import type { AccessToken, TenantId } from '@tidings/client'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { commaList, tenantId, timeOrAge } from '../console/values.ts'

const columns: readonly Column<AccessToken & { readonly integrationId: string }>[] = [
  { title: 'ID', value: (token) => token.id },
  { title: 'INTEGRATION', value: (token) => token.integrationId },
  { title: 'TENANT', value: (token) => String(token.tenantId), isNumber: true },
  { title: 'TYPES', value: (token) => token.types?.join(',') ?? '*', isFlexible: true },
  { title: 'EXPIRES', value: (token) => token.expiresAt ?? 'never' },
]

export function addTokens(program: Command): void {
  const tokens = withExample(
    program.command('tokens').description('access tokens: what an integration may see of a tenant'),
    'tidings tokens create int_… 29302 --types "invoice.*"',
  )

  withExample(
    withConnection(tokens.command('list <integration>').description("an integration's access tokens")),
    'tidings tokens list int_…',
  ).action(async (integration: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const list = await Array.fromAsync(client.integrations.tokens(integration).list())
    const rows = list.map((token) => ({ ...token, integrationId: integration }))
    await out.list(rows, columns, 'No tenant has granted this integration access yet.')
  })

  withExample(
    withConnection(
      tokens
        .command('create')
        .argument('<integration>')
        .argument('<tenant>', undefined, tenantId)
        .description('grants an integration access to a tenant and shows the access token, only this once')
        .option(
          '--types <patterns>',
          'event types that it shows, as invoice.*,customer.updated; default: all',
          commaList,
        )
        .option('--expires <time>', 'when it ends, RFC 3339; default: never', (text) => timeOrAge(text))
        .option('--import <token>', 'an existing token, instead of a new one'),
    ),
    'tidings tokens create int_… 29302 --types "invoice.*" --expires 2027-01-01T00:00:00Z',
  ).action(
    async (
      integration: string,
      tenant: TenantId,
      flags: { types?: readonly string[]; expires?: string; import?: string },
      command: Command,
    ) => {
      const { client, out } = openConnection(command)
      const made = await client.integrations.tokens(integration).create({
        tenantId: tenant,
        types: flags.types,
        expiresAt: flags.expires,
        accessToken: flags.import,
      })
      await out.result(made, async () => {
        await out.fields({ id: made.id, tenant: made.tenantId, accessToken: made.accessToken })
        out.note('The access token is not shown again. Store it now.')
      })
    },
  )

  withExample(
    withConnection(
      tokens.command('delete <integration> <token>').description('ends a grant; open streams lose the tenant at once'),
    ),
    'tidings tokens delete int_… tok_…',
  ).action(async (integration: string, token: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.integrations.tokens(integration).delete(token)
    await out.result({ deleted: token }, () => out.line(`Access token ${token} was deleted.`))
  })
}
