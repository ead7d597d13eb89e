import { AppError } from '../../core/errors.ts'
import type { TokenGrant } from '../contract/credentials.ts'
import type { DialectHost } from '../contract/host.ts'
import {
  type EndedSessions,
  isEnded,
  noneEnded,
  readSession,
  sessionIdBytes,
  sessionText,
  type TripletexSession,
  withEnded,
} from './session.ts'

const dialect = 'tripletex'
/** What the token is sealed for: no other sealed text of the server opens as a session, and the other way round. */
const sealedFor = 'tripletex-session'

export interface LiveSession {
  readonly session: TripletexSession
  readonly grant: TokenGrant
}

/** Session tokens over the server's key and its registry. */
export interface Sessions {
  readonly create: (grant: TokenGrant, endsMs: number) => string
  /** Undefined for a text that is no session of ours, and for one that has ended in any way. */
  readonly read: (token: string) => LiveSession | undefined
  /** Ends it at once, on every node, for good. */
  readonly end: (live: LiveSession) => Promise<void>
}

type SessionsHost = Pick<DialectHost, 'clock' | 'credentials' | 'secrets' | 'random' | 'records'>

export function sessionsOf(host: SessionsHost): Sessions {
  const { clock, records } = host
  const endedOf = ({ integrationId, tokenId }: TokenGrant): EndedSessions =>
    (records.get(integrationId, dialect, recordId(tokenId))?.value as EndedSessions | undefined) ?? noneEnded
  return {
    create(grant, endsMs) {
      const id = Buffer.from(host.random(sessionIdBytes)).toString('base64url')
      return host.secrets.seal(sessionText({ tokenId: grant.tokenId, createdMs: clock.now(), endsMs, id }), sealedFor)
    },
    read(token) {
      const session = opened(host, token)
      if (!session || clock.now() >= session.endsMs) return undefined
      const grant = host.credentials.grantWithId(session.tokenId)
      return grant && !isEnded(endedOf(grant), session) ? { session, grant } : undefined
    },
    end: ({ session, grant }) =>
      records.change(() => {
        const nowText = new Date(clock.now()).toISOString()
        const id = recordId(grant.tokenId)
        const before = records.get(grant.integrationId, dialect, id)
        const value = { ...withEnded(endedOf(grant), session, clock.now()) }
        const { integrationId } = grant
        const createdAt = before?.createdAt ?? nowText
        // An access token that is gone takes its sessions with it: what was kept of them can go.
        const drop = records
          .list(integrationId, dialect)
          .filter((record) => !host.credentials.grantWithId(record.id.slice(prefix.length)))
          .map((record) => record.id)
        return { put: [{ id, dialect, integrationId, value, createdAt, updatedAt: nowText }], drop, result: undefined }
      }),
  }
}

const prefix = 'rec_tripletex_'

function recordId(tokenId: string): string {
  return `${prefix}${tokenId}`
}

function opened(host: SessionsHost, token: string): TripletexSession | undefined {
  // Decoding base64 is lenient; a token has one spelling.
  const bytes = token.slice(token.indexOf('.') + 1)
  if (Buffer.from(bytes, 'base64url').toString('base64url') !== bytes) return undefined
  try {
    return readSession(host.secrets.unseal(token, sealedFor))
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
