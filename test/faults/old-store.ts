import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = fileURLToPath(new URL('./store-of-format-1', import.meta.url))

/** What the old store holds: a tenant, an integration with a token, a subscription that nobody answers, events of one topic. */
export const oldStore = {
  topic: 'projects',
  events: 40,
  tenantId: 9001,
  accessToken: 'an-old-access-token-of-32-characters',
  /** The publisher's id of the first event. */
  firstId: 'old-1-0',
  waiting: 14,
} as const

/** Puts a store into a directory that Tidings made before its formats had a second version. */
export function unpackOldStore(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const name of ['log.db', 'registry.db', 'delivery.db']) {
    writeFileSync(join(directory, name), gunzipSync(readFileSync(join(folder, `${name}.gz`))))
  }
  writeFileSync(join(directory, 'master.key'), readFileSync(join(folder, 'master.key')), { mode: 0o600 })
}
