import { systemClock } from '../../packages/server/src/core/time/clock.ts'
import { dialects } from '../../packages/server/src/dialects/dialects.ts'
import { idleHost } from '../../packages/server/src/dialects/fixtures/idle-host.ts'
import { createApp } from '../../packages/server/src/http/app.ts'

export interface DialectRoute {
  readonly dialect: string
  readonly method: string
  /** With parameters as `:id`. */
  readonly url: string
}

/** Every route that a dialect registers, however it hides it from the documents. */
export async function routesOfDialects(): Promise<readonly DialectRoute[]> {
  const found: DialectRoute[] = []
  for (const { name, routes } of dialects) {
    if (!routes) continue
    const app = createApp({
      trustProxies: [],
      guard: { authenticate: nobody },
      onRequestDone: () => {},
      onFailure: () => {},
    })
    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) found.push({ dialect: name, method: each, url })
    })
    const host = idleHost({ clock: systemClock, settings: {} })
    await app.register(async (scope) => routes(scope, host))
    await app.ready()
    await app.close()
  }
  const keys = found.map(({ dialect, method, url }) => `${dialect} ${method} ${url}`)
  return found.filter((_, index) => keys.indexOf(keys[index]!) === index)
}

function nobody(): never {
  throw new Error('nothing is asked of it')
}
