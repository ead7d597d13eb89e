/** What is drained before the process ends. */
interface Draining {
  readonly pending: number
  close(): Promise<void>
}

/** As much of Node's `process` as is used here; browsers have none. */
interface NodeProcess {
  readonly pid: number
  readonly versions?: { readonly node?: string }
  readonly stderr: { write(text: string): unknown }
  on(event: string, listener: (signal: string) => void): unknown
  off(event: string, listener: (signal: string) => void): unknown
  listenerCount(event: string): number
  kill(pid: number, signal: string): unknown
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP']
const known = new Map<Draining, number>()

/**
 * Ends the process by a signal only after `draining` is closed, or after `limitMs`. Node ends by itself, without a
 * signal, when nothing is left to do, and then everything is published. Returns what takes this back.
 */
export function drainAtExit(draining: Draining, limitMs: number): () => void {
  const { process } = globalThis as { process?: NodeProcess }
  if (!process?.versions?.node) return () => {}
  if (known.size === 0) {
    for (const signal of signals) process.on(signal, onSignal)
    process.on('exit', onExit)
  }
  known.set(draining, limitMs)
  return () => {
    if (known.delete(draining) && known.size === 0) forget(process)
  }
}

function forget(process: NodeProcess): void {
  for (const signal of signals) process.off(signal, onSignal)
  process.off('exit', onExit)
}

function onSignal(signal: string): void {
  const { process } = globalThis as unknown as { process: NodeProcess }
  // The program handles it: it decides when it ends.
  if (process.listenerCount(signal) > 1) return
  // A second signal ends the process at once, as it does without us.
  process.off(signal, onSignal)
  const limitMs = Math.max(...known.values())
  const timer = setTimeout(end, limitMs)
  void Promise.allSettled([...known.keys()].map((draining) => draining.close())).then(end)

  function end(): void {
    clearTimeout(timer)
    onExit()
    // By the signal itself, so that whoever started the process sees why it ended.
    process.kill(process.pid, signal)
  }
}

/** `process.exit()` leaves no time to publish, and a drain may take too long: what is lost is said at least. */
function onExit(): void {
  const { process } = globalThis as unknown as { process: NodeProcess }
  const lost = [...known.keys()].reduce((sum, { pending }) => sum + pending, 0)
  if (lost === 0) return
  const what = lost === 1 ? '1 accepted event was' : `${lost} accepted events were`
  process.stderr.write(`@tidings/client: ${what} not published. Await publisher.close() before process.exit().\n`)
}
