import type { BareRequest, TransportResult } from '../../send/transport.ts'

/** What a dialect may use to ask a receiver whether it wants its deliveries. */
export interface RegistrationMeans {
  /** One request now, through the guard, with the subscription's headers and credentials. */
  readonly ask: (request: BareRequest) => Promise<TransportResult>
  readonly random: (bytes: number) => Uint8Array
  /** The DNS name by which this server makes itself known to receivers. */
  readonly originName: string
  /** Where receivers reach this server, as `https://hooks.example.com`; null: nobody said. */
  readonly publicUrl: string | null
  /** Makes a key with which the receiver may consent later (`contract/consents.ts`), for the dialect to tell it. */
  readonly offerConsent: () => string
}
