import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Clock } from '../core/time/clock.ts'
import { Directory } from '../registry/directory.ts'
import type { ServerKeys } from '../registry/master-key.ts'
import type { Recogniser } from '../registry/recogniser.ts'
import { Registry } from '../registry/registry.ts'
import type { RegistryStore } from '../registry/registry-store.ts'
import { makeSealer, type Sealer } from '../registry/sealer.ts'
import { createRecogniser } from './recognition.ts'

/** Who may do what: the registry over its store, and who recognises tokens that it does not know. */
export interface RegistryRoom {
  readonly directory: Directory
  readonly registry: Registry
  readonly sealer: Sealer
  readonly recogniser: Recogniser
}

export async function openRegistry(
  given: {
    readonly config: Config
    readonly clock: Clock
    readonly logger: Logger
    readonly store: RegistryStore
    readonly serverKeys: ServerKeys
    readonly onFailure: (error: unknown) => void
    readonly goOn: () => void
  },
  opened: AsyncDisposableStack,
): Promise<RegistryRoom> {
  const { config, clock, logger, store, serverKeys, onFailure, goOn } = given
  const directory = await Directory.follow(store, clock)
  opened.defer(() => directory.stop())
  goOn()
  const registry = new Registry({ store, directory, peppers: serverKeys.peppers, clock })
  const sealer = makeSealer(serverKeys.sealing)
  const recogniser = await createRecogniser(config.authorities, {
    registry,
    clock,
    sealer,
    wrongPerMinute: config.wrongKeysPerMinute,
    // Operators see here why a token of theirs is not recognised.
    observe: (recognition) =>
      logger[recognition.outcome === 'unavailable' ? 'warn' : 'info'](recognition, 'recognition'),
    onFailure,
  })
  opened.defer(() => recogniser.stop())
  await recogniser.start()
  return { directory, registry, sealer, recogniser }
}
