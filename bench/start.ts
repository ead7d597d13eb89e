import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as timeout } from 'node:timers/promises'
import { cpuSecondsOf, inDirectory } from './server.ts'

/** What a start costs, and what is held afterwards. */
export interface StartFigure {
  readonly what: string
  /** From the call to the line that says it is ready. */
  readonly seconds: number
  /** User and system, all threads, until then. */
  readonly cpuSeconds: number | null
  /** VmRSS of proc_pid_status(5) two seconds later: Node's own pages of its file included, in 1,048,576 bytes. */
  readonly residentMB: number | null
}

interface Start {
  readonly what: string
  readonly command: string
  readonly args: readonly string[]
  readonly directory: string
}

const root = join(import.meta.dirname, '..')
const server = join(root, 'packages', 'server')
/** A later one has the files in memory: the first start after a while takes longer. */
const rounds = 3
const idleMs = 2_000

const bareNode = "console.log('ready'); setInterval(() => {}, 3_600_000)"
const bareFastify = `
  import Fastify from 'fastify'
  const app = Fastify()
  app.get('/', async () => 'ready')
  await app.listen({ port: 0, host: '127.0.0.1' })
  console.log('ready')`

export const bareStarts = {
  node: { what: 'bare: node', command: process.execPath, args: ['-e', bareNode], directory: server },
  fastify: {
    what: 'bare: a Fastify server with one route',
    command: process.execPath,
    args: ['--input-type=module', '-e', bareFastify],
    directory: server,
  },
} as const

/** Two baselines, then Tidings as a clone runs it and, once `npm run package` made it, as the executable. */
export async function measureStart(): Promise<StartFigure[]> {
  const starts: Start[] = [
    bareStarts.node,
    bareStarts.fastify,
    tidingsStart('Tidings from its source', join(server, 'bin', 'tidings')),
  ]
  const executable = packed()
  if (executable === undefined) console.log('`npm run package` makes the executable, which is measured then too.')
  else starts.push(tidingsStart('Tidings, the executable', executable))
  const figures: StartFigure[] = []
  for (const start of starts) figures.push(await leastOf(start, idleMs))
  return figures
}

export function startReport(figures: readonly StartFigure[]): string {
  const shown = (value: number | null, digits: number) => (value === null ? '' : value.toFixed(digits)).padStart(8)
  const width = Math.max(...figures.map(({ what }) => what.length))
  const rows = figures.map(
    ({ what, seconds, cpuSeconds, residentMB }) =>
      `${what.padEnd(width)} ${shown(seconds, 2)} ${shown(cpuSeconds, 2)} ${shown(residentMB, 0)}`,
  )
  return [`${'start'.padEnd(width)}  seconds    cpu s  idle MB`, ...rows].join('\n')
}

export function tidingsStart(what: string, command: string): Start {
  return { what, command, args: ['start', '--port', '0', '--data', 'data', '--log-level', 'warn'], directory: '' }
}

/** The round that the rest of the machine disturbed least. */
export async function leastOf(start: Start, idleMs: number): Promise<StartFigure> {
  const figures: StartFigure[] = []
  for (let round = 0; round < rounds; round++) {
    figures.push(await inDirectory((empty) => measured({ ...start, directory: start.directory || empty }, idleMs)))
  }
  return figures.reduce((least, figure) => ((figure.cpuSeconds ?? 0) < (least.cpuSeconds ?? 0) ? figure : least))
}

async function measured({ what, command, args, directory }: Start, idleMs: number): Promise<StartFigure> {
  const startedMs = performance.now()
  const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await said(child, 'ready')
    const seconds = (performance.now() - startedMs) / 1_000
    const cpuSeconds = cpuSecondsOf(child.pid)
    await timeout(idleMs)
    return { what, seconds, cpuSeconds, residentMB: residentMBOf(child.pid) }
  } finally {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}

async function said(child: ChildProcess, text: string): Promise<void> {
  let output = ''
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    output += chunk
    if (output.includes(text)) return
  }
  throw new Error(`It ended before it was ready:\n${output}`)
}

function packed(): string | undefined {
  const dist = join(root, 'dist')
  const name = existsSync(dist) ? readdirSync(dist).find((entry) => /^tidings-.*-linux-\w+$/.test(entry)) : undefined
  return name && join(dist, name)
}

function residentMBOf(pid: number | undefined): number | null {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
  } catch {
    return null
  }
}
