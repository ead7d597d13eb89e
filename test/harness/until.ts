import type { ClientProcess } from './clients.ts'

/** Nobody received anything for so long: it is judged as it is. */
const stalledMs = 30_000

/** Waits for the clients to come so far; gives up when none of them gets on. */
export function until(clients: readonly ClientProcess[], isReached: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let watchdog: NodeJS.Timeout
    const end = (error?: Error) => {
      clearTimeout(watchdog)
      for (const stop of stops) stop()
      if (error) reject(error)
      else resolve()
    }
    const look = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => end(), stalledMs)
      const failed = clients.find(({ hasFailed }) => hasFailed)
      if (failed) end(new Error(`${failed.name} failed`))
      else if (isReached()) end()
    }
    const stops = clients.map((client) => client.onChanged(look))
    look()
  })
}
