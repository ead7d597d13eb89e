import type { EndpointPolicy } from '../core/address/endpoint-policy.ts'
import { type CheckedEndpoint, checkEndpointUrl, endpointRefused } from '../core/address/endpoint-url.ts'
import { AppError } from '../core/errors.ts'
import type { DraftEndpoints } from '../core/subscription/subscription-draft.ts'

/** Where this server lets deliveries go. */
export class EndpointRules implements DraftEndpoints {
  readonly #policy: EndpointPolicy
  readonly #tls: Pick<DraftEndpoints, 'isUsableTls'>

  constructor(policy: EndpointPolicy, tls: Pick<DraftEndpoints, 'isUsableTls'>) {
    this.#policy = policy
    this.#tls = tls
  }

  check(raw: string, options?: { readonly allowUserinfo?: boolean }): CheckedEndpoint {
    return checkEndpointUrl(raw, this.#policy, options)
  }

  isAllowedUrl(url: string): boolean {
    return this.check(url).ok
  }

  /** The parsed URL. @throws AppError `invalid_request` for one that is not allowed */
  urlOf(raw: string): string {
    const checked = this.check(raw)
    if (!checked.ok) throw new AppError('invalid_request', endpointRefused)
    return checked.url
  }

  isUsableTls(tls: Parameters<DraftEndpoints['isUsableTls']>[0]): boolean {
    return this.#tls.isUsableTls(tls)
  }
}
