import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { getAssetKeys, getRawAsset, isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** What the pages are made of: files of a build, by their path in it, as `assets/index-B2x.js`. */
export interface PageFiles {
  readonly names: ReadonlySet<string>
  /** @param name one of `names` */
  read(name: string): Buffer
}

const assetPrefix = 'ui/'

/**
 * The build of the dashboard, wherever this code runs: of `packages/dashboard` in a working copy, beside the program in
 * a package, within the executable, which has no files. Without a build there are no names.
 */
export function builtPages(): PageFiles {
  if (isSea()) return pagesOfExecutable()
  const isSource = import.meta.url.endsWith('.ts')
  return pagesIn(new URL(isSource ? '../../../dashboard/dist/' : './ui/', import.meta.url))
}

/** The files of a directory, as they are when it is called. */
export function pagesIn(directory: URL): PageFiles {
  return { names: new Set(namesIn(directory)), read: (name) => readFileSync(new URL(name, directory)) }
}

/** It carries what can be compressed in that form alone. */
function pagesOfExecutable(): PageFiles {
  const keys = getAssetKeys().filter((key) => key.startsWith(assetPrefix))
  const carried = new Set(keys.map((key) => key.slice(assetPrefix.length)))
  const asset = (name: string) => Buffer.from(getRawAsset(assetPrefix + name))
  return {
    names: new Set(
      [...carried].flatMap((name) => (name.endsWith('.gz') ? [name, name.slice(0, -'.gz'.length)] : name)),
    ),
    read: (name) => (carried.has(name) ? asset(name) : gunzipSync(asset(`${name}.gz`))),
  }
}

function namesIn(directory: URL): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(fileURLToPath(directory), join(parentPath, name)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
