import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProcess } from '../test/harness/server-process.ts'

/** A real server on an empty store, as a child process, for as long as `work` takes. */
export async function withServer<T>(work: (url: string, server: ServerProcess) => Promise<T>): Promise<T> {
  return inDirectory(async (directory) => {
    const server = new ServerProcess(directory)
    try {
      return await work(await server.start(), server)
    } finally {
      await server.stop()
    }
  })
}

export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** How long the work takes, and what the process spends on it. */
export async function measured(
  pid: number | undefined,
  work: () => Promise<unknown>,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number | null }> {
  const cpuBefore = cpuSecondsOf(pid)
  const startedMs = performance.now()
  await work()
  const seconds = (performance.now() - startedMs) / 1_000
  const cpuAfter = cpuSecondsOf(pid)
  return { seconds, cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore }
}

/** All threads of a process, user and system; Linux only (proc(5): hundredths of a second). */
export function cpuSecondsOf(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return null
  }
}
