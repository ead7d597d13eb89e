import pino, { type Logger } from 'pino'

/**
 * One JSON line per unit of work, on standard error, so that standard output stays for the line
 * that says where the server is. Never payloads, never secrets: headers and URLs' queries are not logged.
 */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: false })
  // The terminal or the pipe may be gone, as when a session ends: the server drains all the same. What cannot be
  // written is dropped, or it would be tried again at the end, and hold the process for ever.
  destination.on('error', () => {
    const nothing = () => {}
    Object.assign(destination, { write: () => true, flush: nothing, flushSync: nothing, end: nothing })
    destination.destroy()
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
