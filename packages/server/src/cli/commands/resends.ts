import type { Resend } from '@tidings/client'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { UsageError } from '../console/usage-error.ts'

const columns: readonly Column<Resend>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'SUBSCRIPTION', value: ({ filter }) => filter.subscription },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'MATCHED', value: ({ matched }) => String(matched), isNumber: true },
  { title: 'RESENT', value: ({ resent }) => String(resent), isNumber: true },
  { title: 'SKIPPED', value: ({ skipped }) => String(skipped), isNumber: true },
  { title: 'STARTED', value: ({ startedAt }) => startedAt },
  { title: 'ENDED', value: ({ endedAt }) => endedAt ?? '' },
]

export function addResends(program: Command): void {
  withExample(
    withConnection(
      program
        .command('resends [id]')
        .description('lists the bulk resends that the server runs, or shows how far one of them is')
        .option('--cancel', 'ends it; deliveries that are already queued stay queued'),
    ),
    'tidings resends',
    'tidings resends rsd_…',
    'tidings resends rsd_… --cancel',
  ).action(async (id: string | undefined, flags: { readonly cancel?: boolean }, command: Command) => {
    const { client, out } = openConnection(command)
    if (id === undefined) {
      if (flags.cancel) throw new UsageError('--cancel goes with an id')
      return out.list(await Array.fromAsync(client.deliveries.resends()), columns, 'There are none.')
    }
    const resend = await (flags.cancel ? client.deliveries.cancelResend(id) : client.deliveries.resendProgress(id))
    await out.result(resend, () => out.fields(resend))
  })
}
