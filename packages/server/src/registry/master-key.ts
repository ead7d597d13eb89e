import { hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SealingKey } from '../core/credential/seal.ts'
import { AppError } from '../core/errors.ts'
import { systemWords } from '../core/text/system-words.ts'
import { makeDirectory } from '../process/directory-making.ts'

/** The file of the data directory that holds the master keys, unless the environment does. */
export const masterKeyName = 'master.key'

/** What is derived from the server's master keys. The first of each is current, the others are of earlier master keys. */
export interface ServerKeys {
  /** They key the hashes of secrets (`hashSecret`). */
  readonly peppers: readonly [Uint8Array, ...Uint8Array[]]
  readonly sealing: readonly [SealingKey, ...SealingKey[]]
}

/** @param masterKeys 32 bytes each, the current one first. */
export function deriveServerKeys(masterKeys: readonly [Uint8Array, ...Uint8Array[]]): ServerKeys {
  const derive = (master: Uint8Array, purpose: string, length: number) =>
    new Uint8Array(hkdfSync('sha256', master, '', `tidings ${purpose} v1`, length))
  const pepper = (master: Uint8Array) => derive(master, 'secret hash', 32)
  const sealing = (master: Uint8Array): SealingKey => ({
    id: derive(master, 'sealing key id', 4),
    key: derive(master, 'sealing', 32),
  })
  const [current, ...earlier] = masterKeys
  return {
    peppers: [pepper(current), ...earlier.map(pepper)],
    sealing: [sealing(current), ...earlier.map(sealing)],
  }
}

/**
 * Reads master keys as they stand in `TIDINGS_MASTER_KEY` or the key file: 32 bytes as base64 or
 * hex, several separated by commas, the current one first.
 *
 * @throws AppError `invalid_configuration`
 */
export function readMasterKeys(text: string, source: string): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...rest] = text
    .trim()
    .split(',')
    .map((part) => readMasterKey(part.trim(), source))
  return [first!, ...rest]
}

function readMasterKey(text: string, source: string): Uint8Array {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64')
  throw new AppError(
    'invalid_configuration',
    `${source} must hold 32 bytes as base64 or hex (as of \`openssl rand -base64 32\`), several separated by commas`,
  )
}

/**
 * The server's keys: of the environment when given, else of the file, which is made at the first start.
 *
 * @param hasStore there is a store already, so that its key is not made but missing
 * @throws AppError `invalid_configuration` when the text is no key, others than its owner can read the file, or the
 * store's key is missing
 */
export function loadServerKeys(options: {
  environment: string | undefined
  file: string
  hasStore: boolean
}): ServerKeys {
  const { environment, file, hasStore } = options
  if (environment !== undefined && environment !== '') {
    return deriveServerKeys(readMasterKeys(environment, 'TIDINGS_MASTER_KEY'))
  }
  const kept = readKeyFile(file)
  if (!kept && hasStore) throw missingKey(file)
  return deriveServerKeys(kept ?? makeKeyFile(file))
}

function missingKey(file: string): AppError {
  return new AppError(
    'invalid_configuration',
    `${file} is missing, and the store cannot be opened without that key. Put it back, or give it in TIDINGS_MASTER_KEY. If it is lost, create another (umask 077; openssl rand -base64 32 > ${file}) and renew every key, token and secret`,
  )
}

function readKeyFile(file: string): readonly [Uint8Array, ...Uint8Array[]] | undefined {
  let text: string
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
      throw new AppError('invalid_configuration', `${file} can be read by others; run: chmod 600 ${file}`)
    }
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof AppError) throw error
    throw new AppError(
      'invalid_configuration',
      `The master key in ${file} cannot be read: ${systemWords(error)}. Let this user read it, or give the key in TIDINGS_MASTER_KEY.`,
      { cause: error },
    )
  }
  return readMasterKeys(text, file)
}

/**
 * Written aside, synced and linked into place: a crash leaves no half key behind, and two servers
 * that start at once end up with one key. A key that was lost would lock every secret that it sealed.
 */
export function makeKeyFile(file: string): readonly [Uint8Array, ...Uint8Array[]] {
  const text = `${randomBytes(32).toString('base64')}\n`
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    makeDirectory(dirname(file))
    const descriptor = openSync(aside, 'wx', 0o600)
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    try {
      linkSync(aside, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    unlinkSync(aside)
    const directory = openSync(dirname(file), 'r')
    fsyncSync(directory)
    closeSync(directory)
  } catch (error) {
    throw new AppError(
      'invalid_configuration',
      `The master key cannot be written to ${file}: ${systemWords(error)}. Give --data (TIDINGS_DATA) a directory in which this user may make files.`,
      { cause: error },
    )
  }
  const keys = readKeyFile(file)
  if (!keys) throw new AppError('invalid_configuration', `${file} vanished while it was made`)
  return keys
}
