import { readFileSync } from 'node:fs'
import { type Document, isCollection, LineCounter, type Node, parseDocument } from 'yaml'
import { systemWords } from '../core/text/system-words.ts'
import type { Fault } from './fault.ts'
import type { Path } from './schema/schema-reading.ts'

/** `tidings.yaml`, parsed. */
export interface ConfigFile {
  readonly path: string
  readonly content: Readonly<Record<string, unknown>>
  /** As `tidings.yaml line 3: smtp.url`; of what is missing, the line of its nearest holder. */
  placeOf(path: Path): string
}

/**
 * Reads and parses the file; null when there is none, or none that can be used: then `faults` says why.
 *
 * @param named by a flag or the environment; else `tidings.yaml` in the working directory, when there is one
 */
export function readConfigFile(named: string | undefined, faults: Fault[]): ConfigFile | null {
  const path = named ?? 'tidings.yaml'
  try {
    return parseConfigFile(path, readFileSync(path, 'utf8'), faults)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing || named !== undefined) faults.push({ place: path, detail: `cannot be read: ${systemWords(error)}` })
    return null
  }
}

export function parseConfigFile(path: string, text: string, faults: Fault[]): ConfigFile | null {
  const lines = new LineCounter()
  // The library's own messages would show the line, which may hold a secret. Keys keep their digits: some are tenant ids.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true })
  const lineAt = (offset: number | undefined) => `${path} line ${lines.linePos(offset ?? 0).line}`
  if (document.errors.length > 0) {
    faults.push(...document.errors.map(({ pos, message }) => ({ place: lineAt(pos[0]), detail: message })))
    return null
  }
  const content = contentOf(document, path, faults)
  if (content === undefined) return null
  return {
    path,
    content,
    placeOf: (names) => `${lineAt(offsetOf(document.contents, names))}: ${names.join('.')}`,
  }
}

function contentOf(document: Document, path: string, faults: Fault[]): ConfigFile['content'] | undefined {
  try {
    // A few lines can name each other so that they mean gigabytes; the library refuses to write them out.
    const content: unknown = document.toJS({ maxAliasCount: 100 })
    if (content === null || content === undefined) return {}
    if (typeof content === 'object' && !Array.isArray(content)) return content as ConfigFile['content']
    faults.push({ place: path, detail: 'must be a mapping of settings' })
  } catch (error) {
    faults.push({ place: path, detail: (error as Error).message })
  }
  return undefined
}

/** Where the value begins; of what is missing, where its nearest holder begins. */
function offsetOf(contents: Node | null, path: Path): number | undefined {
  let node: unknown = contents
  let offset = contents?.range?.[0]
  for (const name of path) {
    if (!isCollection(node)) break
    const next = node.get(/^\d+$/.test(name) && !node.has(name) ? Number(name) : name, true) as Node | undefined
    if (!next) break
    node = next
    offset = next.range?.[0] ?? offset
  }
  return offset
}
