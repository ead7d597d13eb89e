import { fromJson, type TenantId, toJson } from '@tidings/client'
import { Argument, type Command } from 'commander'
import { dialectNames } from '../../core/dialect/dialect-names.ts'
import { withExample } from '../console/example.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import { Output } from '../console/output.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { portNumber, tenantId } from '../console/values.ts'

/** Moving time waits for every attempt on the way, and a receiver may take its 15 seconds for each. */
const forwardExtraMs = 900_000

interface FiredAnswer {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly event: { readonly tenantId: TenantId; readonly entityId?: string; readonly keys?: readonly object[] }
}

export function addEmulate(program: Command): void {
  const emulate = withExample(
    program
      .command('emulate')
      .addArgument(new Argument('<dialect>').choices(dialectNames))
      .description("a stand-in for one system, for an integrator's own tests")
      .option('--port <number>', 'port to listen on; if it is taken, the next free one', portNumber, 8080)
      .option('--host <address>', 'where it listens; 0.0.0.0 or :: for tests in containers', '127.0.0.1'),
    'tidings emulate tripletex',
    'tidings emulate moneybird --port 9090',
  ).action(async (dialect: string, flags: { port: number; host: string }, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    await untilInterrupted(async (signal) => {
      const { standIn } = await import('../emulator/stand-in.ts')
      await standIn(out, { dialect, port: flags.port, host: flags.host }, signal)
    })
  })

  withExample(
    withConnection(
      emulate
        .command('fire <event>')
        .description('raises an event with a sample body; give its name in that system, or its type in Tidings')
        .option('--tenant <id>', "whose; else the first company's", tenantId)
        .option('--entity-id <id>', "the entity's id; else another one each time"),
    ),
    'tidings emulate fire product.update --entity-id 3817',
    'tidings emulate fire sales_invoice_state_changed_to_late --tenant 41877',
  ).action(async (event: string, flags: { tenant?: TenantId; entityId?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const text = await client.requestText({
      method: 'POST',
      path: '/v1/emulator/fire',
      body: { event, tenantId: flags.tenant, entityId: flags.entityId },
    })
    if (out.isJson) return out.write(`${text}\n`)
    const fired = fromJson(text) as FiredAnswer
    const { tenantId, entityId, keys } = fired.event
    await out.line(`${fired.name} ${entityId ?? toJson(keys)} of ${tenantId} was raised (${fired.id}).`)
  })

  withExample(
    withConnection(
      emulate
        .command('forward <duration>')
        .description(
          "moves the stand-in's clock forward, as 90s, 5m, 2h or 8d, and makes every attempt that falls due on the way",
        ),
    ),
    'tidings emulate forward 2h',
  ).action(async (duration: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const clock = await client.request<{ now: string }>({
      method: 'POST',
      path: '/v1/emulator/clock',
      body: { forward: duration },
      extraTimeMs: forwardExtraMs,
    })
    await out.result(clock, () => out.line(`It is ${clock.now} now.`))
  })
}
