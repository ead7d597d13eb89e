import type { Random } from './random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Each call takes a moment; a crash before it was carried out undoes it, one after it only loses the answer. */
export function slowed<T extends object>(
  target: T,
  methods: readonly (keyof T)[],
  process: { readonly isAlive: boolean },
  { clock, random }: { readonly clock: VirtualClock; readonly random: Random },
): T {
  const slow = new Set<PropertyKey>(methods as readonly PropertyKey[])
  return new Proxy(target, {
    get: (object, name) => {
      const value = Reflect.get(object, name, object)
      if (typeof value !== 'function') return value
      if (!slow.has(name)) return value.bind(object)
      return (...given: unknown[]) =>
        new Promise((resolve, reject) => {
          clock.schedule(random.between(0, 3), () => {
            if (!process.isAlive) return
            Promise.resolve(value.apply(object, given)).then((result) => {
              clock.schedule(random.between(0, 2), () => {
                if (process.isAlive) resolve(result)
              })
            }, reject)
          })
        })
    },
  })
}
