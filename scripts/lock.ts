interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

/**
 * Packages for one platform each, as `@x/cli-darwin-arm64`, that a lock names but does not hold.
 * `npm i` leaves out those that it could not reach, and then refuses to `npm ci` with that lock on
 * every platform.
 */
export function missingPlatforms(lock: Lock): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {}
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const places = [`node_modules/${name}`, `${path}/node_modules/${name}`]
      if (places.some((place) => Object.hasOwn(lock.packages, place))) continue
      const words = name.split('/').at(-1)!.split('-')
      const os = systems.find((system) => words.includes(system))
      const cpu = processors.find((processor) => words.includes(processor))
      if (os === undefined || cpu === undefined) continue
      missing[places[0]!] = { version, cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os] }
    }
  }
  return missing
}

export function completed(lock: Lock): Lock {
  const packages = { ...lock.packages, ...missingPlatforms(lock) }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(sorted) }
}
