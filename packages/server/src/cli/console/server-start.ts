import type { RunningServer, StartOptions } from '../../compose.ts'
import type { Config } from '../../config/config.ts'

/** A server that could not start. The cause says why. */
export class FailedStart extends Error {
  override readonly cause: unknown

  constructor(cause: unknown) {
    super('the server could not start')
    this.name = 'FailedStart'
    this.cause = cause
  }
}

/**
 * Loads the server and starts it. The signal ends the process while it loads: nothing is open yet.
 * @throws FailedStart; the signal's reason
 */
export async function startedServer(
  config: Config,
  options: StartOptions & { readonly signal: AbortSignal },
): Promise<RunningServer> {
  const { signal } = options
  const leave = () => process.exit(0)
  signal.addEventListener('abort', leave)
  const { startServer } = await import('../../compose.ts')
  signal.removeEventListener('abort', leave)
  try {
    return await startServer(config, options)
  } catch (error) {
    throw signal.aborted ? error : new FailedStart(error)
  }
}
