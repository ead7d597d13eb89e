import { dirname, join } from 'node:path/posix'

/**
 * Which folder of the server may import what of ours. A name with `.ts` is that file alone (a port,
 * or an exception with its reason beside it), another name is a folder with all that is in it.
 * A file's own folder is always allowed; with `*`, each folder below is one of its own.
 */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  core: [],
  catalogue: ['core'],

  // The data path, in its order. A step imports core, the log's port and its own ports.
  publish: ['core', 'log/event-log.ts'],
  log: ['core'],
  // Decides which events a subscription or a reader gets, and touches nothing else.
  match: ['core'],
  // Reads the log for every subscription. It ends where a delivery is handed over, so it imports the lanes that take it.
  follow: [
    'core',
    'log/event-log.ts',
    'log/follow-loop.ts',
    'log/look-up.ts',
    'match',
    'deliver',
    'send/sender.ts',
    'send/transport.ts',
  ],
  // Finds one event and says why it did or did not arrive: asks matching, decides nothing itself.
  explain: [
    'core',
    'log',
    'match',
    'follow/event-standing.ts',
    'deliver/history/history-store.ts',
    // A delivery that is held back for an older one of its entity has no time to show.
    'deliver/entities/entity-ledger.ts',
  ],
  // Delivering hands requests to sending by its ports, and learns of sockets by results alone.
  deliver: [
    'core',
    'log/event-log.ts',
    'log/look-up.ts',
    'send/entity-fetch.ts',
    'send/sender.ts',
    'send/transport.ts',
  ],
  // Whose turn it is; knows nothing of what is sent.
  'deliver/turns': ['core'],
  // What waits in memory, in what order its entities go, and what is written of it.
  'deliver/queue': ['core'],
  'deliver/settling': ['core'],
  'deliver/history': ['core'],
  'deliver/entities': ['core', 'deliver/queue', 'deliver/settling', 'deliver/history'],
  // The only step that touches sockets.
  send: ['core', 'process'],
  stream: ['core', 'log/event-log.ts', 'log/follow-loop.ts'],

  // Who may do what. Implements the ports of the steps that ask it.
  registry: [
    'process',
    'core',
    'catalogue',
    'log/event-log.ts',
    'match/grants.ts',
    'match/grant-history.ts',
    'match/granted-tenants.ts',
    'match/visibility.ts',
    'follow/deletions.ts',
    'explain/facts.ts',
    'stream/stream-authority.ts',
    'deliver/resend-runs.ts',
    'send/sender.ts',
  ],

  // Who may have issued a token that Tidings did not.
  authorities: ['core', 'registry/authority.ts', 'send/operator-client.ts'],
  // Raises events and moves time for `tidings emulate`, over ports of its own.
  emulate: ['core', 'catalogue', 'dialects/contract', 'publish/publisher.ts'],

  'engines/*': [
    'process',
    'core',
    'log/event-log.ts',
    'deliver/settling/settling-store.ts',
    'deliver/due-store.ts',
    'deliver/history/history-store.ts',
    'deliver/history/series-store.ts',
    'engines/delivery-engine.ts',
    'registry/registry-store.ts',
    'registry/audit-log.ts',
  ],
  // The ports of delivery state, as one engine implements them.
  engines: [
    'log/retention.ts',
    'deliver/settling/settling-store.ts',
    'deliver/due-store.ts',
    'deliver/history/history-store.ts',
    'deliver/history/series-store.ts',
  ],
  // The list of the dialects, and the suite that they pass.
  dialects: ['core', 'dialects/*'],
  // What a dialect is, and what it may ask for.
  'dialects/contract': ['core', 'catalogue/catalogue.ts', 'catalogue/event-type.ts', 'send/transport.ts'],
  'dialects/*': ['core', 'stream', 'dialects/contract'],

  http: [
    'core',
    'catalogue',
    'publish',
    'log',
    'match',
    'follow/not-granted.ts',
    'follow/missed.ts',
    'deliver/history/history-store.ts',
    'deliver/history/series-store.ts',
    // A delivery that is held back for an older one of its entity has no time to show.
    'deliver/entities/entity-ledger.ts',
    'deliver/delivery-search.ts',
    'deliver/event-deliveries.ts',
    'explain',
    'deliver/resend-runs.ts',
    'stream',
    'registry',
    // What a dialect says of its own routes.
    'dialects/contract',
    'process/page-files.ts',
  ],
  // Turns attempt records into metrics, and appends operational events.
  observe: ['core', 'log/event-log.ts'],
  cli: [
    'core',
    'compose.ts',
    'store',
    'config',
    'process',
    // `tidings doctor` names the SQLite library that it would run with.
    'engines/sqlite/file/database.ts',
  ],

  // What the program is and runs in: its version, its threads, the folders that it makes.
  process: ['core'],
  // Every setting, read from flags, environment and file.
  // Its sections are of the form that their readers declare; a dialect checks its own.
  config: [
    'core',
    'process',
    'catalogue',
    'authorities',
    'deliver/entity-source.ts',
    'dialects/contract/dialect.ts',
    'dialects/dialects.ts',
    'observe/operational-events.ts',
  ],
  // The files of a store: where they are, and what is done to them while no server runs.
  store: ['core', 'config', 'process', 'engines', 'registry'],
  'main.ts': ['cli', 'process'],
  // Puts together what stands on the engines, without naming them.
  assembly: [
    'core',
    'catalogue',
    'publish',
    'log',
    'follow',
    'match',
    'deliver',
    'explain',
    'send',
    'stream',
    'registry',
    'authorities',
    'dialects',
    'emulate',
    'http',
    'observe',
    'config',
    'process',
  ],
  // Puts the server together: the only file that may import everything.
  'compose.ts': ['*'],
}

/** Tests and what only they use may import what they need. */
const forTests = /\.test\.ts$|(^|\/)fixtures\/|(^|\/)(conformance|samples)(\.ts$|\/)/

export interface Violation {
  readonly file: string
  readonly imports: string
  readonly reason: string
}

/** Checks one source file; `file` is its path below `packages/server/src`. */
export function violationsOf(file: string, source: string): Violation[] {
  if (forTests.test(file)) return []
  const rule = ruleFor(file)
  if (rule === undefined) {
    return [{ file, imports: '', reason: 'no rule for this folder: add one to scripts/boundaries.ts' }]
  }
  return importsOf(source)
    .map((target) => join(dirname(file), target))
    .filter((target) => !target.startsWith('..'))
    .filter((target) => !isAllowed(target, file, rule))
    .map((imports) => ({
      file,
      imports,
      reason: `\`${rule}\` may import ${allowedImports[rule]?.join(', ') || 'nothing'}`,
    }))
}

/**
 * Folders that import each other, as `a <-> b`: neither can be read, or moved, without the other.
 * `sources`: of each file, by its path below `packages/server/src`.
 */
export function mutualImports(sources: ReadonlyMap<string, string>): string[] {
  const targets = new Map<string, Set<string>>()
  for (const [file, source] of sources) {
    if (forTests.test(file)) continue
    const folder = dirname(file)
    const known = targets.get(folder) ?? new Set()
    targets.set(folder, known)
    for (const target of importsOf(source)) if (target.endsWith('.ts')) known.add(dirname(join(folder, target)))
  }
  const pairs: string[] = []
  for (const [folder, imported] of targets) {
    for (const other of imported) {
      if (folder < other && targets.get(other)?.has(folder)) pairs.push(`${folder} <-> ${other}`)
    }
  }
  return pairs.sort()
}

/** Relative import and export sources, dynamic imports, and files that worker threads are started with. */
export function importsOf(source: string): string[] {
  const pattern = /(?:^\s*(?:import|export|\})[^'"`;]*?\sfrom |^import |\bimport\(|\bnew URL\()'(\.{1,2}\/[^']+)'/gm
  return [...source.matchAll(pattern)].map((match) => match[1]!)
}

function ruleFor(path: string): string | undefined {
  const parts = path.split('/')
  const candidates = parts.length > 2 ? [`${parts[0]}/${parts[1]}`, `${parts[0]}/*`, parts[0]!] : [parts[0]!]
  return candidates.find((name) => Object.hasOwn(allowedImports, name))
}

function isAllowed(target: string, file: string, rule: string): boolean {
  const own = rule.endsWith('/*') ? file.split('/').slice(0, 2).join('/') : rule
  const isOwn =
    rule.endsWith('/*') || !Object.hasOwn(allowedImports, `${rule}/*`)
      ? target.startsWith(`${own}/`)
      : dirname(target) === own
  return isOwn || allowedImports[rule]!.some((allowed) => holds(allowed, target))
}

function holds(allowed: string, target: string): boolean {
  if (allowed === '*') return true
  if (allowed.endsWith('.ts')) return allowed === target
  return target.startsWith(allowed.endsWith('/*') ? allowed.slice(0, -1) : `${allowed}/`)
}
