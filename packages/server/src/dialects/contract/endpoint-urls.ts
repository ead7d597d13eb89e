import type { CheckedEndpoint } from '../../core/address/endpoint-url.ts'

/** Where deliveries may go. */
export interface EndpointUrls {
  /**
   * The parsed URL when it is allowed.
   * @param options.allowUserinfo takes `https://user:password@…`, and returns the credentials apart
   */
  check(raw: string, options?: { readonly allowUserinfo?: boolean }): CheckedEndpoint
}
