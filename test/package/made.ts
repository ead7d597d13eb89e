import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

/** The file of a kind that `npm run package` made. @throws Error when there is none */
export function made(kind: RegExp): string {
  const name = existsSync(dist) ? readdirSync(dist).find((entry) => kind.test(entry)) : undefined
  if (name === undefined) throw new Error(`There is no ${kind} in dist/. Make it with \`npm run package\`.`)
  return join(dist, name)
}

export const kinds = {
  server: /^tidings-\d.*\.tgz$/,
  client: /^tidings-client-.*\.tgz$/,
  executable: /^tidings-.*-linux-(x64|arm64)$/,
  debian: /\.deb$/,
}
