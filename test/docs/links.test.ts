import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

function markdownIn(folder: string, isDeep: boolean): string[] {
  return readdirSync(join(root, folder), { recursive: isDeep, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules') && !name.startsWith('dist'))
    .map((name) => join(folder, name))
}

const pages = [
  ...markdownIn('.', false),
  ...markdownIn('docs', true),
  ...markdownIn('python', false),
  ...readdirSync(join(root, 'packages')).flatMap((name) => markdownIn(join('packages', name), false)),
]

const read = (page: string) => readFileSync(join(root, page), 'utf8')
const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')

/** Anchors of headings, as code hosts make them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

describe.each(pages)('%s', (page) => {
  test('its links lead somewhere', () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : relative(root, join(root, dirname(page), path))
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(read(target)).has(anchor)
    })
    expect(broken).toEqual([])
  })

  test('its JSON is JSON', () => {
    for (const [, json] of read(page).matchAll(/^```json\n([\s\S]*?)^```$/gm)) {
      for (const document of documentsOf(json!)) expect(() => JSON.parse(document), document).not.toThrow()
    }
  })
})

/** One document, or one a line. */
function documentsOf(json: string): string[] {
  try {
    JSON.parse(json)
    return [json]
  } catch {
    return json.split('\n').filter((line) => line.trim() !== '')
  }
}

test('what docs/architecture.md names exists', () => {
  const table = read('docs/architecture.md').split('## Ports')[1]!
  const paths = [...table.matchAll(/`((?:[a-z-]+\/)+(?:[a-z-]+(?:\.test)?\.ts)?)`/g)].map((match) => match[1]!)
  expect(paths.length).toBeGreaterThan(40)
  const missing = paths.filter(
    (path) => ![path, join('packages/server/src', path)].some((at) => existsSync(join(root, at))),
  )
  expect(missing).toEqual([])
})

/** Pages for whoever has a clone; what they say to type works there. */
const forClones = pages.filter(
  (page) =>
    /^(README\.md|docs\/guides\/.*|docs\/reference\/cli\.md)$/.test(page) && page !== 'docs/guides/installing.md',
)

test.each(forClones)('%s says npx tidings, as a clone has it', (page) => {
  // Of every language, so that no end of a block is taken for the beginning of another.
  const blocks = [...read(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => ['', 'sh', 'bash'].includes(language!))
    .map((match) => match[2]!)
  const typed = blocks
    .join('')
    .split('\n')
    .filter((line) => /^(?:[A-Z_]+=\S+ )*tidings |\| tidings /.test(line))
  // Completion is for the command that is installed.
  expect(typed.filter((line) => !line.startsWith('tidings completion'))).toEqual([])
})
