import { resolve } from 'node:path'
import type { Command } from 'commander'
import { withExample } from '../console/example.ts'
import { backUpOffline } from '../console/offline-backup.ts'
import { Output } from '../console/output.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'

/** A large store takes its time. */
const patienceMs = 3_600_000

export function addBackup(program: Command): void {
  withExample(
    withConnection(
      program
        .command('backup <directory>')
        .description("copies a running server's store into a directory on its machine; the master key is not copied")
        .option('--data <directory>', 'backs up this directory of a stopped server instead'),
    ),
    'tidings backup /var/backups/tidings-2026-01-31',
  ).action(async (directory: string, flags: { data?: string }, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    const target = resolve(directory)
    if (flags.data === undefined) {
      await openConnection(command).client.request({
        method: 'POST',
        path: '/v1/backup',
        body: { directory: target },
        extraTimeMs: patienceMs,
      })
    } else {
      const { storeCare } = await import('../../store/store-care.ts')
      storeCare.refuseUnfinishedRestore(flags.data)
      await backUpOffline(flags.data, target, storeCare.backUpDatabase, storeCare.finishLogCopy)
    }
    await out.result({ directory: target }, async () => {
      await out.line(`The store was copied to ${target}.`)
      out.note(
        'Keep master.key of the data directory as well, in another place. Without it nobody can read the secrets in the copy.',
      )
      out.note(`To restore: tidings restore ${target} --data <directory> --master-key-file <file>`)
    })
  })
}
