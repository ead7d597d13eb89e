import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { type Check, fail, ok } from './check.ts'

const name = 'master key'

export interface MasterKeyParts {
  readonly data: string
  /** The files of `data`. */
  readonly names: readonly string[]
  /** `TIDINGS_MASTER_KEY`; empty: the key is in its file. */
  readonly configured: string
  /** A store that is in use cannot be asked what it was sealed with. */
  readonly isAskable: boolean
  /** How many subscriptions have secrets that the keys do not open. */
  readonly lockedSecrets: (
    directory: string,
    masterKeys: string,
    source: string,
  ) => { readonly locked: number; readonly all: number }
}

/** Whether the key that a start would take is safe, and opens what is sealed in the store. */
export function checkMasterKey({ data, names, configured, isAskable, lockedSecrets }: MasterKeyParts): Check[] {
  const file = join(data, 'master.key')
  const hasStore = names.includes('registry.db')
  const isFile = names.includes('master.key')
  if (configured === '' && !isFile) {
    if (!hasStore) return []
    return [
      fail(name, `${file} is missing, and TIDINGS_MASTER_KEY is not set`, {
        why: 'This key seals secrets and hashes keys. The server does not start without it.',
        advice: `Put back the one that was kept with the backups: install -m 600 <kept master.key> ${file}`,
      }),
    ]
  }
  const source = configured === '' ? file : 'TIDINGS_MASTER_KEY'
  if (configured === '' && process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    return [
      fail(name, `${file} can be read by other users`, {
        why: 'Whoever has this key can read every secret of the store. The server does not start while others can read it.',
        advice: `Close it: chmod 600 ${file}`,
      }),
    ]
  }
  if (!hasStore || !isAskable) return [ok(name, source)]
  try {
    const text = configured === '' ? readFileSync(file, 'utf8') : configured
    const { locked, all } = lockedSecrets(data, text, source)
    if (all === 0) return [ok(name, source)]
    if (locked === 0) return [ok(name, `${source} opens the secrets of all ${all} subscriptions that sign`)]
    return [
      fail(name, `${source} does not open the secrets of ${locked} of ${all} subscriptions that sign`, {
        why: 'Their webhooks cannot be signed, and keys and tokens made with the other key are refused.',
        advice: `Put the store's own key back into ${file}, or give both, separated by a comma, in TIDINGS_MASTER_KEY.`,
      }),
    ]
  } catch (error) {
    if (!(error instanceof AppError) && (error as NodeJS.ErrnoException).code === undefined) throw error
    return [
      fail(name, (error as Error).message, {
        why: 'The server does not start without it.',
        advice: `Put back the one that was kept with the backups: install -m 600 <kept master.key> ${file}`,
      }),
    ]
  }
}
