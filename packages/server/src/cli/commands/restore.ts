import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../core/errors.ts'
import { withExample } from '../console/example.ts'
import { readInputFile } from '../console/input-file.ts'
import { Output } from '../console/output.ts'
import { grouped, ProgressLine } from '../console/progress-line.ts'
import { UsageError } from '../console/usage-error.ts'
import { configOf, type ServerFlags } from './start.ts'

const mib = 1024 * 1024

type RestoreFlags = ServerFlags & { readonly masterKeyFile?: string; readonly withoutMasterKey?: boolean }

export function addRestore(program: Command): void {
  withExample(
    program
      .command('restore <backup>')
      .description('puts a backup in place as the store of a server, in a new or empty directory')
      .option('--config <file>', 'settings in YAML (TIDINGS_CONFIG)')
      .option('--data <directory>', 'the directory for the store (TIDINGS_DATA)')
      .option('--master-key-file <file>', "the store's master.key; else that in the backup, or TIDINGS_MASTER_KEY")
      .option('--without-master-key', 'the key is lost: you will have to renew every secret and key'),
    'tidings restore /var/backups/tidings-2026-01-31 --data /var/lib/tidings --master-key-file /etc/tidings/master.key',
  ).action(async (backup: string, flags: RestoreFlags, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    const { masterKeyFile, withoutMasterKey, ...serverFlags } = flags
    const config = await configOf(serverFlags)
    const key = withoutMasterKey ? null : keyFor(backup, masterKeyFile, config.masterKey)
    const data = resolve(config.data)
    const { storeCare } = await import('../../store/store-care.ts')
    const progress = new ProgressLine(out, { unit: 'MiB' })
    let copying = ''
    const facts = await storeCare.restoreStore({
      backup: resolve(backup),
      data,
      keyFile: key?.file ?? null,
      nowMs: Date.now(),
      check: (directory) => {
        if (!key) {
          storeCare.makeMasterKey(directory)
          return
        }
        const { locked, all } = storeCare.lockedSecrets(directory, key.text, key.source)
        if (locked > 0) throw wrongKey(key.source, locked, all)
      },
      observe: (step) => {
        if (step.kind === 'copying') {
          if (step.file !== copying) {
            progress.end()
            out.note(`Copying ${step.file} …`)
            copying = step.file
          }
          progress.set(Math.round(step.copiedBytes / mib), step.copiedBytes / Math.max(1, step.totalBytes))
          return
        }
        progress.end()
        if (step.kind === 'checking') out.note('Checking every byte of the copy …')
      },
    })
    const { newestEventAtMs, ...counts } = facts
    const newestEventAt = newestEventAtMs === null ? null : new Date(newestEventAtMs).toISOString()
    await out.result({ directory: data, backup: resolve(backup), newestEventAt, ...counts }, async () => {
      await out.line(`The store in ${data} is that of the backup:`)
      await out.fields({
        events: `${grouped(facts.events)}, up to position ${facts.position}`,
        'newest event': newestEventAt,
        subscriptions: `${grouped(facts.subscriptions)} of ${grouped(facts.integrations)} integrations`,
        tenants: grouped(facts.tenants),
        deliveries: `${grouped(facts.waiting)} waiting, ${grouped(facts.failed)} failed`,
      })
      out.note(
        newestEventAt === null
          ? 'It has no events.'
          : `What was published after ${newestEventAt} is not in it: publish it again. Events with an \`id\` that the backup already holds are not stored twice.`,
      )
      out.note('Everything that was delivered after the backup is delivered again, under the same ids.')
      if (withoutMasterKey)
        out.note(`A new master key was made (${data}/master.key): renew every key, token and secret.`)
      if (config.log !== '' || config.db !== '')
        out.note('The settings `log` and `db` point elsewhere: leave them out, or move the files there.')
      out.note(`Next: tidings doctor --data ${data}, then tidings start --data ${data}`)
    })
  })
}

interface MasterKey {
  readonly text: string
  readonly source: string
  /** To be copied into the store; null: the configuration has it. */
  readonly file: string | null
}

function keyFor(backup: string, given: string | undefined, configured: string): MasterKey {
  // The configured key wins at the start as well.
  if (configured !== '') return { text: configured, source: 'the configured master key', file: given ?? null }
  const beside = join(backup, 'master.key')
  const file = given ?? (existsSync(beside) ? beside : undefined)
  if (file === undefined)
    throw new UsageError(
      'the backup needs the master key of the server that it was made on: give --master-key-file <file>, or TIDINGS_MASTER_KEY. If the key is lost, give --without-master-key',
    )
  return { text: readInputFile(file), source: file, file: resolve(file) }
}

function wrongKey(source: string, locked: number, all: number): AppError {
  return new AppError(
    'invalid_configuration',
    `${source} is not the master key of this backup: it does not open the secrets of ${locked} of ${all} subscriptions that sign; give the one of the server that was backed up`,
  )
}
