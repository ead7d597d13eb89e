import type { EventWithDeliveries, Explanation, TenantId } from '@tidings/client'
import type { Command } from 'commander'
import type { Colour } from '../console/colour.ts'
import { withExample } from '../console/example.ts'
import { mendCommands } from '../console/mend-commands.ts'
import type { Output } from '../console/output.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { printable } from '../console/text-width.ts'
import { tenantId } from '../console/values.ts'

interface WhyFlags {
  readonly subscription?: string
  readonly tenant?: TenantId
}

const colours: Readonly<Record<Explanation['reason'], Colour>> = {
  delivered: 'green',
  waiting: 'yellow',
  failed: 'red',
  superseded: 'dim',
  not_granted: 'red',
  type_not_subscribed: 'yellow',
  not_in_dialect: 'yellow',
  filtered: 'yellow',
  quiet: 'dim',
  before_start: 'yellow',
  disabled: 'red',
  skipped: 'yellow',
  expired: 'red',
}

/** "A customer did not get it": one command instead of a search through five lists. */
export function addWhy(program: Command): void {
  withExample(
    withConnection(
      program
        .command('why <event>')
        .description('says why an event did or did not arrive, and prints the commands that mend it')
        .option('--subscription <id>', 'at this subscription alone')
        .option('--tenant <id>', 'whose event it is, where several tenants use one id', tenantId),
    ),
    'tidings why inv-3817-v12',
    'tidings why inv-3817-v12 --subscription sub_…',
    'tidings why invoices:AbCdEfGhIjKl',
  ).action(async (name: string, flags: WhyFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const { subscription, ...options } = flags
    if (subscription !== undefined) {
      const explanation = await client.subscriptions.explain(subscription, name, options)
      await out.result(withCommands(explanation), () => tell(out, explanation))
      return
    }
    const event = await client.events.get(name, options)
    const explanations = await Array.fromAsync(client.events.explain(name, options))
    await out.result({ event: event.id, items: explanations.map(withCommands) }, async () => {
      await out.line(titleOf(event))
      for (const explanation of explanations) {
        await out.line('')
        await tell(out, explanation)
      }
    })
    if (explanations.length === 0) out.note(`No subscription is for tenant ${event.tenantId}.`)
  })
}

function withCommands(explanation: Explanation): Explanation {
  return { ...explanation, commands: mendCommands(explanation.mend) }
}

function titleOf({ id, type, tenantId, entityId, keys, topic, offset, timestamp }: EventWithDeliveries): string {
  const entity = entityId ?? JSON.stringify(keys)
  return printable(
    `Event ${id}: ${type} of tenant ${tenantId}, entity ${entity}, at ${timestamp}, in the log as ${topic}:${offset}`,
  )
}

async function tell(out: Output, { subscription, reason, detail, mend }: Explanation): Promise<void> {
  await out.line(`${subscription}  ${out.paint(colours[reason], reason)}`)
  await out.line(`  ${printable(detail)}`)
  if (mend.length === 0) return
  await out.line(`  ${headingOf(reason, mend)}`)
  for (const command of mendCommands(mend)) await out.line(`    ${command}`)
}

/** A resend mends nothing by itself where the endpoint has failed: the endpoint comes first. */
function headingOf(reason: Explanation['reason'], mend: Explanation['mend']): string {
  if (reason === 'delivered') return 'To send it again:'
  const isEndpoints = reason === 'waiting' || reason === 'failed'
  if (isEndpoints && mend.some(({ action }) => action === 'resend'))
    return 'When the endpoint works, send it again at once:'
  return 'To mend it:'
}
