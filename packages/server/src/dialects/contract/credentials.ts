import type { TokenGrant } from '../../core/credential/token-grant.ts'

export type { TokenGrant }

/** What callers prove themselves with. */
export interface Credentials {
  /**
   * The live grant of an access token's text, wherever it was made; undefined for any that is not good.
   * @param address who sent it
   * @throws AppError `authority_unavailable` when its authority cannot be asked now
   */
  grantOf(accessToken: string, address: string): Promise<TokenGrant | undefined>
  /** The same by the access token's id. */
  grantWithId(tokenId: string): TokenGrant | undefined
  /** Whether the text is the integration's client secret. */
  isClientSecret(integrationId: string, clientSecret: string): boolean
}
