import type { Logger } from 'pino'
import { FencedError } from '../deliver/settling/fenced.ts'

/**
 * Tells the log of each unit of work that failed, which is tried again or given up where it was. After one failure no
 * work may go on: a node that was fenced ends its process.
 */
export function failuresOf(
  logger: Pick<Logger, 'error' | 'fatal'>,
  end: (error: FencedError) => void = endProcess,
): (error: unknown) => void {
  return (error) => {
    if (error instanceof FencedError) {
      logger.fatal({ err: error }, 'this node was fenced')
      end(error)
    } else logger.error({ err: error }, 'a unit of work failed')
  }
}

/** Thrown where no promise can take it, so that nothing goes on with it; Node ends the process with status 1. */
function endProcess(error: FencedError): void {
  setImmediate(() => {
    throw error
  })
}
