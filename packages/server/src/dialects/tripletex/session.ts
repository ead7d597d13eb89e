/**
 * A session token says all of itself and is sealed with the server's key, so that it outlives a restart
 * and costs nothing to make. Only the sessions that were ended before their time are kept.
 *
 *   text = <access token's id> "~" <made, ms> "~" <ends, ms> "~" <id>
 */
export interface TripletexSession {
  /** Of the access token that it stands for. */
  readonly tokenId: string
  readonly createdMs: number
  /** From this moment on it is not valid. */
  readonly endsMs: number
  /** Random: two sessions of one moment are two, and each spelling of the sealed text is the same one. */
  readonly id: string
}

export const sessionIdBytes = 12

const grammar = /^([\w-]+)~(\d{1,16})~(\d{1,16})~([\w-]+)$/

export function sessionText({ tokenId, createdMs, endsMs, id }: TripletexSession): string {
  return [tokenId, createdMs, endsMs, id].join('~')
}

export function readSession(text: string): TripletexSession | undefined {
  const match = grammar.exec(text)
  if (!match) return undefined
  const [, tokenId = '', createdMs, endsMs, id = ''] = match
  return { tokenId, createdMs: Number(createdMs), endsMs: Number(endsMs), id }
}

/** Sessions of one access token that were ended before their time. JSON-serializable. */
export interface EndedSessions {
  readonly ended: readonly Omit<TripletexSession, 'tokenId'>[]
  /** Sessions made up to then have ended too. */
  readonly endedUntilMs: number
}

export const noneEnded: EndedSessions = { ended: [], endedUntilMs: 0 }

/** At this many the older half of them is kept as one moment: every session made up to it has ended. */
const mostEnded = 1_000

export function isEnded({ ended, endedUntilMs }: EndedSessions, { id, createdMs }: TripletexSession): boolean {
  return createdMs <= endedUntilMs || ended.some((other) => other.id === id)
}

/** The session has ended, too. What would have run out by now is forgotten. */
export function withEnded(
  before: EndedSessions,
  { id, createdMs, endsMs }: TripletexSession,
  nowMs: number,
): EndedSessions {
  const ended = [...before.ended.filter((other) => other.endsMs > nowMs && other.id !== id), { id, createdMs, endsMs }]
  if (ended.length <= mostEnded) return { ...before, ended }
  ended.sort((a, b) => a.createdMs - b.createdMs)
  const older = ended.splice(0, mostEnded / 2)
  return { ended, endedUntilMs: Math.max(before.endedUntilMs, older.at(-1)?.createdMs ?? 0) }
}

/**
 * The midnight at which `expirationDate` begins, in UTC: the vendor says "midnight" and no zone.
 * Undefined: no date, or not after today.
 */
export function endOfSession(expirationDate: string, nowMs: number): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(expirationDate)
  if (!match) return undefined
  const endsMs = Date.parse(`${expirationDate}T00:00:00.000Z`)
  // The engine reads 31 February as a day of March.
  if (Number.isNaN(endsMs) || new Date(endsMs).toISOString().slice(0, 10) !== expirationDate) return undefined
  return expirationDate > new Date(nowMs).toISOString().slice(0, 10) ? endsMs : undefined
}
