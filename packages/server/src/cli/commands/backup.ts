import type { Command } from 'commander'
import { openSession, withConnection } from '../connection.ts'
import { withExample } from '../example.ts'

export function addBackup(program: Command): void {
  withExample(
    withConnection(
      program
        .command('backup <directory>')
        .description("a copy of a running server's store, into a new directory on the server"),
    ),
    'tidings backup /var/backups/tidings-2026-01-31',
  ).action(async (directory: string, _flags, command: Command) => {
    const { client, out, url } = openSession(command)
    const answer = await client.request<Record<string, unknown>>({
      method: 'POST',
      path: '/v1/backup',
      body: { directory },
      // A large store takes its time.
      extraTimeMs: 3_600_000,
    })
    await out.result(answer ?? { directory }, async () => {
      await out.line(`The store of ${url} was copied to ${directory}.`)
      out.note(`To restore: tidings start --data ${directory} (or a copy of it).`)
    })
  })
}
