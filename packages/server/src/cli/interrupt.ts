/**
 * Ctrl-C and SIGTERM as a signal for what is under way. A second one ends the process at once, for
 * whoever does not want to wait.
 */
export function interruption(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new Interrupted())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
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
