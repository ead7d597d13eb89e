import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const bundled = (entry: string) =>
  build({
    entryPoints: [fileURLToPath(new URL(`../../packages/client/src/${entry}`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    minify: true,
    logLevel: 'silent',
  })

test('a browser gets the client without anything of Node', async () => {
  const { outputFiles, warnings } = await bundled('index.ts')
  expect(warnings).toEqual([])
  // As a page pays for it, all of it: publishing, reading, receiving, the routes.
  expect(outputFiles[0]!.contents.length).toBeLessThan(64 * 1024)
})

test('what needs Node stands apart', async () => {
  await expect(bundled('node.ts')).rejects.toThrow('node:fs/promises')
})
