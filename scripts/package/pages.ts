import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './release.ts'

/** The pages as `node scripts/setup.mjs --pages` has built them. */
const built = join(root, 'packages', 'dashboard', 'dist')

export function copyPages(directory: string): void {
  if (existsSync(built)) cpSync(built, directory, { recursive: true })
}

/**
 * For an executable: its assets by name, as `process/page-files.ts` looks for them. What there is compressed is taken in
 * that form alone.
 */
export function pageAssets(): Record<string, string> {
  if (!existsSync(built)) return {}
  const files = readdirSync(built, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name))
  const needed = paths.filter((path) => !paths.includes(`${path}.gz`))
  return Object.fromEntries(needed.map((path) => [`ui/${path.slice(built.length + 1)}`, path]))
}
