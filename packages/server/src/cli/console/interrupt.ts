/** Of the terminal, of whoever looks after the process, and of a terminal or session that is gone. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ctrl-C, SIGTERM and SIGHUP as a signal for what is under way. A second Ctrl-C or SIGTERM ends the process
 * at once, for whoever does not want to wait. A second SIGHUP does not: when a terminal closes, the shell
 * and the system each send one.
 */
export function interruption(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) controller.abort(new Interrupted())
    else if (name !== 'SIGHUP') process.exit(130)
  }
  for (const name of endings) process.on(name, onSignal)
  return {
    signal: controller.signal,
    dispose() {
      for (const name of endings) process.off(name, onSignal)
    },
  }
}

class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

/** Runs something that only ends by being interrupted, which is then its regular end. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, dispose } = interruption()
  try {
    await work(signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    dispose()
  }
}
