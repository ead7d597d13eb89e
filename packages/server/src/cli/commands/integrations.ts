import type { Integration } from '@tidings/client'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'

const columns: readonly Column<Integration>[] = [
  { title: 'ID', value: (integration) => integration.id },
  { title: 'NAME', value: (integration) => integration.name, isFlexible: true },
  { title: 'CLIENT ID', value: (integration) => integration.clientId },
  { title: 'CREATED', value: (integration) => integration.createdAt },
]

export function addIntegrations(program: Command): void {
  const integrations = withExample(
    program.command('integrations').description("integrators' applications"),
    'tidings integrations create "Payroll Sync"',
  )

  withExample(
    withConnection(integrations.command('list').description('all integrations')),
    'tidings integrations list',
  ).action(async (_flags, command: Command) => {
    const { client, out } = openConnection(command)
    await out.list(await Array.fromAsync(client.integrations.list()), columns, 'There are no integrations yet.')
  })

  withExample(
    withConnection(
      integrations
        .command('create <name>')
        .description('creates an integration and shows its client secret, only this once')
        .option('--import-client-id <id>', 'an existing client id, instead of a new one')
        .option('--import-client-secret <secret>', 'an existing client secret, instead of a new one'),
    ),
    'tidings integrations create "Payroll Sync"',
  ).action(async (name: string, flags: { importClientId?: string; importClientSecret?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const made = await client.integrations.create({
      name,
      clientId: flags.importClientId,
      clientSecret: flags.importClientSecret,
    })
    await out.result(made, async () => {
      await out.fields({
        id: made.id,
        name: made.name,
        clientId: made.clientId,
        clientSecret: made.clientSecret,
      })
      out.note('The client secret is not shown again. Store it now.')
    })
  })

  withExample(
    withConnection(integrations.command('get <id>').description('one integration')),
    'tidings integrations get int_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const integration = await client.integrations.get(id)
    await out.result(integration, () => out.fields({ ...integration }))
  })

  withExample(
    withConnection(
      integrations
        .command('rotate-secret <id>')
        .description('replaces the client secret and shows the new one, only this once'),
    ),
    'tidings integrations rotate-secret int_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const answer = await client.integrations.rotateSecret(id)
    await out.result(answer, async () => {
      await out.fields({ clientSecret: answer.clientSecret })
      out.note('The client secret is not shown again. Store it now.')
    })
  })

  withExample(
    withConnection(
      integrations.command('delete <id>').description('deletes an integration with its tokens and subscriptions'),
    ),
    'tidings integrations delete int_…',
  ).action(async (id: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.integrations.delete(id)
    await out.result({ deleted: id }, () => out.line(`Integration ${id} was deleted.`))
  })
}
