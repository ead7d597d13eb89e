import { once } from 'node:events'
import { createServer } from 'node:net'

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
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    } finally {
      if (probe.listening) {
        probe.close()
        await once(probe, 'close')
      }
    }
  }
  throw new Error(`all ports from ${wanted} to ${wanted + portsTried - 1} are taken: give another with --port`)
}
