import { basename } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread. Its program is given as the source beside the caller, and found wherever this code runs: the source
 * itself in a working copy, a file of JavaScript in a package, text within the executable, which has no files.
 * Names of programs are unique: a package and the executable keep them in one place.
 * @param program the source's name against `import.meta.url`
 */
export function startThread(program: URL, options: Pick<WorkerOptions, 'name' | 'workerData'>): Worker {
  if (import.meta.url.endsWith('.ts')) return new Worker(program, options)
  const name = `${basename(program.pathname, '.ts')}.js`
  if (isSea()) return new Worker(getAsset(name, 'utf8'), { ...options, eval: true })
  return new Worker(new URL(name, import.meta.url), options)
}
