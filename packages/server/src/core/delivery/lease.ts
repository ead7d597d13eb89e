import { everyShare, type Shares } from './shares.ts'

/** The right of one owner to settle for its shares, for as long as its generation lives. */
export interface Lease {
  readonly shares: Shares
  readonly node: string
  /** Grows each time the node takes part again. An older one has ended: others own its shares. */
  readonly generation: number
}

/** That of a process that nobody can take over from: it owns every share, as long as it lives. */
export const soleLease: Lease = { shares: everyShare, node: 'embedded', generation: 0 }
