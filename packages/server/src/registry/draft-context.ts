import type { Catalogue } from '../catalogue/catalogue.ts'
import type { SecretForm } from '../core/dialect/signature-secret.ts'
import type { FieldError } from '../core/errors.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { DraftContext, DraftDialects, DraftEndpoints } from '../core/subscription/subscription-draft.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Directory } from './directory.ts'

/** What a draft of a dialect may say. */
export interface DraftDialect {
  readonly allowsBatch: boolean
  readonly secret: SecretForm
  /** The faults of `settings`; undefined: it has none. */
  readonly checkSettings?: ((settings: Readonly<Record<string, unknown>>) => readonly FieldError[]) | undefined
}

export interface DraftContextsParts {
  readonly directory: Directory
  readonly catalogue: () => Catalogue
  readonly clock: Pick<Clock, 'now'>
  readonly endpoints: DraftEndpoints
  /** Those that subscriptions can have, by their names. */
  readonly dialects: ReadonlyMap<string, DraftDialect>
}

/** Everything that drafts are checked against. */
export class DraftContexts {
  readonly #parts: DraftContextsParts

  constructor(parts: DraftContextsParts) {
    this.#parts = parts
  }

  /**
   * For one owner, now.
   * @param tenantId set for access tokens: they choose among their tenant and those below it
   */
  contextOf(integrationId: string, tenantId: TenantId | null): DraftContext {
    const { directory, catalogue, clock, endpoints, dialects } = this.#parts
    const nowMs = clock.now()
    return {
      dialects: new KnownDialects(dialects, catalogue()),
      tenants: {
        mayChoose: (chosen) =>
          (tenantId === null || directory.isWithin(chosen, tenantId)) &&
          directory.grantOfSubtree(integrationId, chosen, nowMs) !== undefined,
      },
      endpoints,
    }
  }
}

class KnownDialects implements DraftDialects {
  readonly names: Iterable<string>
  readonly #dialects: ReadonlyMap<string, DraftDialect>
  readonly #catalogue: Catalogue

  constructor(dialects: ReadonlyMap<string, DraftDialect>, catalogue: Catalogue) {
    this.names = [...dialects.keys()]
    this.#dialects = dialects
    this.#catalogue = catalogue
  }

  typesOf(dialect: string): readonly string[] {
    return this.#catalogue.types(dialect).map(({ type }) => type)
  }

  allowsBatch(dialect: string): boolean {
    return this.#dialects.get(dialect)?.allowsBatch ?? false
  }

  hasStandardSecret(dialect: string): boolean {
    return this.#dialects.get(dialect)?.secret === 'standard'
  }

  settingsFaults(dialect: string, settings: Readonly<Record<string, unknown>>): readonly FieldError[] {
    return this.#dialects.get(dialect)?.checkSettings?.(settings) ?? noSettings(settings)
  }
}

function noSettings(settings: Readonly<Record<string, unknown>>): FieldError[] {
  return Object.keys(settings).map((name) => ({
    pointer: `/settings/${name}`,
    code: 'unknown_field',
    detail: 'This dialect has no such setting.',
  }))
}
