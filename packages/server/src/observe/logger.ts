import pino, { type Logger } from 'pino'

/**
 * One JSON line per unit of work, on standard error, so that standard output stays for the line
 * that says where the server is. Never payloads, never secrets: headers and URLs' queries are not logged.
 */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: false }))
}
