import pino, { type Logger } from 'pino'

/** Lines below a warning are gathered for so long, or until they are so many bytes: a write for each costs more than its request. */
const gatherMs = 100
const gatherBytes = 8 * 1024
/** `warn`; what is worse is written at once, with everything that was gathered before it. */
const urgentLevel = 40

/**
 * One JSON line per unit of work, on standard error, so that standard output stays for the line
 * that says where the server is. Never payloads, never secrets: headers and URLs' queries are not logged.
 */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: false, minLength: gatherBytes, periodicFlush: gatherMs })
  // The terminal or the pipe may be gone, as when a session ends: the server drains all the same. What cannot be
  // written is dropped, or it would be tried again at the end, and hold the process for ever.
  destination.on('error', () => {
    const nothing = () => {}
    Object.assign(destination, { write: () => true, flush: nothing, flushSync: nothing, end: nothing })
    destination.destroy()
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, urgentAtOnce(destination))
}

/** pino tells the level of each line to a stream that asks for it so. */
function urgentAtOnce(destination: Pick<ReturnType<typeof pino.destination>, 'write' | 'flush'>) {
  return {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      destination.write(line)
      if (this.lastLevel >= urgentLevel) destination.flush()
    },
  }
}
