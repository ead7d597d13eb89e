import type { Catalogue } from '../catalogue/catalogue.ts'
import type { EndpointPolicy } from '../core/address/endpoint-policy.ts'
import { checkEndpointUrl } from '../core/address/endpoint-url.ts'
import type { SecretForm } from '../core/dialect/signature-secret.ts'
import type { FieldError } from '../core/errors.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { DraftContext } from '../core/subscription/subscription-draft.ts'
import type { Directory } from './directory.ts'

/** What a draft of a dialect may say. */
export interface DraftDialect {
  readonly allowsBatch: boolean
  readonly secret: SecretForm
  /** The faults of `settings`; undefined: it has none. */
  readonly checkSettings: ((settings: Readonly<Record<string, unknown>>) => readonly FieldError[]) | undefined
}

/** Everything that a draft is checked against, for one owner at one moment. */
export function draftContext(given: {
  readonly integrationId: string
  /** Set for access tokens: they choose among their tenant and those below it. */
  readonly tenantId: TenantId | null
  readonly catalogue: Catalogue
  readonly directory: Directory
  readonly policy: EndpointPolicy
  readonly nowMs: number
  readonly dialects: ReadonlyMap<string, DraftDialect>
  readonly isUsableTls: DraftContext['isUsableTls']
}): DraftContext {
  const { integrationId, tenantId, catalogue, directory, policy, nowMs, dialects } = given
  return {
    typesOf: (dialect) => [...catalogue.types(dialect)].map(({ type }) => type),
    dialects: new Set(dialects.keys()),
    allowsBatch: (dialect) => dialects.get(dialect)?.allowsBatch ?? false,
    hasStandardSecret: (dialect) => dialects.get(dialect)?.secret === 'standard',
    mayChoose: (chosen) =>
      (tenantId === null || directory.isWithin(chosen, tenantId)) &&
      directory.grantOfSubtree(integrationId, chosen, nowMs) !== undefined,
    isAllowedUrl: (url) => checkEndpointUrl(url, policy).ok,
    isUsableTls: given.isUsableTls,
    settingsFaults: (dialect, settings) => dialects.get(dialect)?.checkSettings?.(settings) ?? noSettings(settings),
  }
}

function noSettings(settings: Readonly<Record<string, unknown>>): FieldError[] {
  return Object.keys(settings).map((name) => ({
    pointer: `/settings/${name}`,
    code: 'unknown_field',
    detail: 'This dialect has no such setting.',
  }))
}
