import { once } from 'node:events'
import { createServer } from 'node:net'
import { UsageError } from './usage-error.ts'

const portsTried = 20

/** The wanted port, or the next one that nobody listens on. */
export async function freePort(wanted: number, host = '127.0.0.1'): Promise<number> {
  if (wanted === 0) return 0
  for (let port = wanted; port < wanted + portsTried; port++) {
    const probe = createServer()
    try {
      probe.listen(port, host)
      await once(probe, 'listening')
      return port
    } catch (error) {
      // The server, which listens there next, says what is wrong and what to do.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return wanted
    } finally {
      if (probe.listening) {
        probe.close()
        await once(probe, 'close')
      }
    }
  }
  throw new UsageError(`all ports from ${wanted} to ${wanted + portsTried - 1} are taken: give another with --port`)
}
