import { Worker } from 'node:worker_threads'

/** Starts a worker of the log: its source when run from source, its compiled file in a release. */
export function startThread(name: 'writer' | 'reader' | 'backup', workerData: unknown): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new Worker(new URL(`./${name}.${ending}`, import.meta.url), { name: `log ${name}`, workerData })
}
