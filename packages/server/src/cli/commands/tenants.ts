import type { Tenant, TenantId } from '@tidings/client'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { tenantId } from '../console/values.ts'

const columns: readonly Column<Tenant>[] = [
  { title: 'ID', value: (tenant) => String(tenant.id), isNumber: true },
  { title: 'NAME', value: (tenant) => tenant.name, isFlexible: true },
  { title: 'PARENT', value: (tenant) => String(tenant.parentId ?? ''), isNumber: true },
  { title: 'CREATED', value: (tenant) => tenant.createdAt },
]

export function addTenants(program: Command): void {
  const tenants = withExample(
    program.command('tenants').description("the application's customers"),
    'tidings tenants create 29302 "Bygg AB" --parent 29300',
    'tidings tenants list',
  )

  withExample(withConnection(tenants.command('list').description('all tenants')), 'tidings tenants list').action(
    async (_flags, command: Command) => {
      const { client, out } = openConnection(command)
      await out.list(await Array.fromAsync(client.tenants.list()), columns, 'There are no tenants yet.')
    },
  )

  withExample(
    withConnection(
      tenants
        .command('create')
        .argument('<id>', undefined, tenantId)
        .argument('<name>')
        .description('creates a tenant; events carry the same id')
        .option('--parent <id>', 'its parent tenant', tenantId),
    ),
    'tidings tenants create 29302 "Bygg AB" --parent 29300',
  ).action(async (id: TenantId, name: string, flags: { parent?: TenantId }, command: Command) => {
    const { client, out } = openConnection(command)
    const tenant = await client.tenants.create({
      id,
      name,
      ...(flags.parent !== undefined && { parentId: flags.parent }),
    })
    await out.result(tenant, () => out.line(`Tenant ${tenant.id} (${tenant.name}) was made.`))
  })

  withExample(
    withConnection(tenants.command('get').argument('<id>', undefined, tenantId).description('one tenant')),
    'tidings tenants get 29302',
  ).action(async (id: TenantId, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const tenant = await client.tenants.get(id)
    await out.result(tenant, () => out.fields({ ...tenant }))
  })

  withExample(
    withConnection(
      tenants
        .command('update')
        .argument('<id>', undefined, tenantId)
        .description('changes the name or the parent of a tenant')
        .option('--name <name>', 'its new name')
        .option('--parent <id>', 'its new parent tenant; 0: none', (text) => (text === '0' ? null : tenantId(text))),
    ),
    'tidings tenants update 29302 --parent 29300',
  ).action(async (id: TenantId, flags: { name?: string; parent?: TenantId | null }, command: Command) => {
    const { client, out } = openConnection(command)
    const tenant = await client.tenants.update(id, {
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.parent !== undefined && { parentId: flags.parent }),
    })
    await out.result(tenant, () => out.fields({ ...tenant }))
  })

  withExample(
    withConnection(
      tenants
        .command('delete')
        .argument('<id>', undefined, tenantId)
        .description('deletes a tenant with all its grants'),
    ),
    'tidings tenants delete 29302',
  ).action(async (id: TenantId, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.tenants.delete(id)
    await out.result({ deleted: id }, () => out.line(`Tenant ${id} was deleted.`))
  })
}
