import type { Clock } from '../../core/time/clock.ts'
import type { HeldAccess } from '../../stream/access-watch.ts'
import type { StreamEncoding } from '../../stream/encoding.ts'
import type { Following, LiveStream } from '../../stream/live-stream.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'
import type { Renewable } from '../../stream/renewals.ts'
import type { StreamAuthority, StreamGrant } from '../../stream/stream-authority.ts'
import type { ListedStream, StreamFacts } from '../../stream/stream-list.ts'
import { viewOf } from '../../stream/view.ts'
import type { WebSocketPeer, WebSocketSession } from '../../stream/websocket-connection.ts'
import { bareToken, binaryMessage, type Command, parseMessage } from './commands.ts'
import { type ConnectionState, type Effect, type Input, initialState, shownTenants, step } from './connection-state.ts'
import type { RemovalReason } from './replies.ts'
import { placeTopics, type TopicPlaces } from './topics.ts'

/** One line for the log when a connection has ended. */
export interface ConnectionSummary {
  readonly address: string
  readonly integrationIds: readonly string[]
  readonly openedAtMs: number
  readonly closedAtMs: number
  /** The close code; 1006 when the connection broke off. */
  readonly code: number
  readonly commands: number
  readonly tenants: number
  readonly topics: number
}

/** The topics that clients may follow, as the catalogue is now. */
export interface FollowedTopics {
  places(): TopicPlaces
}

/** Who is concerned when somebody may see more or less. */
export interface ConnectionAccess {
  /** Grows with every change of what somebody may see. */
  readonly changes: number
  /** From now on the view of the connection is made of this. */
  hold(connection: Renewable, access: HeldAccess): void
}

export interface ConnectionDeps {
  readonly stream: LiveStream
  readonly encoding: StreamEncoding
  readonly authority: StreamAuthority
  readonly topics: FollowedTopics
  readonly access: ConnectionAccess
  readonly streams: Pick<OpenStreams, 'claim' | 'release'>
  readonly clock: Pick<Clock, 'now'>
  readonly maxFaultsPerMinute: number
  /** Puts it on the list of open streams; returns what takes it from there. */
  readonly listed: (connection: Pick<ListedStream, 'facts' | 'disconnect'>) => () => void
  readonly onEnded: (summary: Omit<ConnectionSummary, 'address'>) => void
}

/** Carries out what the state machine says, for one connection. */
export class FortnoxConnection implements WebSocketSession, Renewable {
  readonly #peer: WebSocketPeer
  readonly #deps: ConnectionDeps
  readonly #following: Following
  readonly #integrations = new Set<string>()
  readonly #openedAtMs: number
  #state: ConnectionState = initialState
  #commands = 0
  #hasEnded = false
  readonly #unlist: () => void

  constructor(peer: WebSocketPeer, deps: ConnectionDeps) {
    this.#peer = peer
    this.#deps = deps
    this.#openedAtMs = deps.clock.now()
    this.#following = deps.stream.follow(peer.sink, deps.encoding)
    this.#unlist = deps.listed(this)
  }

  get hasSucceeded(): boolean {
    return this.#state.hasSucceeded
  }

  async receive(text: string | null): Promise<void> {
    const message = text === null ? ({ kind: 'fault', fault: binaryMessage } as const) : parseMessage(text)
    if (message.kind === 'fault') {
      const { clock, maxFaultsPerMinute } = this.#deps
      this.#step({ kind: 'fault', fault: message.fault, nowMs: clock.now(), maxFaultsPerMinute })
      return
    }
    this.#commands += 1
    const changes = this.#deps.access.changes
    const input = await this.#inputOf(message.command)
    if (!input || this.#hasEnded) return
    const { renewals } = this.#deps.stream
    // What a command finds is as it is now.
    renewals.renew()
    this.#step(input)
    // What was checked may have been revoked before it was added, when nobody knew that it concerned this connection.
    if (changes !== this.#deps.access.changes) renewals.mark(this)
  }

  /** Follows what became of its tokens and of the tenants below theirs. */
  renew(nowMs: number): void {
    if (this.#hasEnded) return
    const { authority } = this.#deps
    const tokens = new Map<string, StreamGrant | RemovalReason>()
    for (const held of this.#state.tokens.values()) {
      const now = authority.grantOf(held.tokenId)
      const { expiresAtMs } = now ?? held
      const hasExpired = expiresAtMs !== null && expiresAtMs <= nowMs
      tokens.set(held.tokenId, hasExpired ? 'token-expired' : (now ?? 'token-revoked'))
    }
    this.#step({ kind: 'renew', tokens, descendants: (tenantId) => authority.descendants(tenantId) })
  }

  fail(error: unknown): void {
    this.#peer.sink.fail(error)
  }

  end(code: number): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#following.stop()
    this.#unlist()
    this.#deps.access.hold(this, { tokenIds: [], rootIds: [] })
    this.#deps.stream.renewals.forget(this)
    for (const integrationId of this.#integrations) this.#deps.streams.release(integrationId)
    this.#deps.onEnded({
      integrationIds: [...this.#integrations],
      openedAtMs: this.#openedAtMs,
      closedAtMs: this.#deps.clock.now(),
      code,
      commands: this.#commands,
      tenants: shownTenants(this.#state).size,
      topics: this.#state.topics.size,
    })
  }

  facts(): StreamFacts {
    return {
      integrationIds: [...this.#integrations],
      tenantIds: [...shownTenants(this.#state).keys()],
      topics: [...this.#state.topics],
      position: this.#following.position,
      bufferedBytes: this.#following.bufferedBytes,
    }
  }

  /** As before a planned stop: clients know it, connect again and resume from their last offsets. */
  disconnect(): void {
    this.#peer.close(1012, 'The operator ended this connection. Connect again.')
  }

  /** What the state machine has to know beside the command; undefined when the connection was closed for it. */
  async #inputOf(command: Command): Promise<Input | undefined> {
    const { authority, topics, clock } = this.#deps
    switch (command.name) {
      case 'add-tenants-v1': {
        const tokens = command.accessTokens.map(bareToken)
        const check = await authority.checkTokens(command.clientSecret, tokens, clock.now())
        if (check.kind === 'granted' && !this.#claim(check.grants.map(({ integrationId }) => integrationId))) {
          this.#peer.close(1013, 'The integration has too many connections.')
          return undefined
        }
        // Live from then on: not what was durable before, though its turn at the tail comes only now.
        await this.#deps.stream.refresh()
        await this.#following.settled()
        return { kind: 'add-tenants', command, check, descendants: (tenantId) => authority.descendants(tenantId) }
      }
      case 'remove-tenants-v1':
        return { kind: 'remove-tenants', command }
      case 'list-tenants-v1':
        return { kind: 'list-tenants' }
      case 'add-topics-v1':
        await this.#deps.stream.refresh()
        return { kind: 'add-topics', placement: placeTopics(command.topics, topics.places()) }
      case 'subscribe-v1':
        return { kind: 'subscribe' }
    }
    command satisfies never
  }

  #claim(integrationIds: readonly string[]): boolean {
    if (this.#hasEnded) return true
    for (const integrationId of new Set(integrationIds)) {
      if (this.#integrations.has(integrationId)) continue
      if (!this.#deps.streams.claim(integrationId)) return false
      this.#integrations.add(integrationId)
    }
    return true
  }

  #step(input: Input): void {
    const { state, effects } = step(this.#state, input)
    const hasOtherTokens = state.tokens !== this.#state.tokens
    this.#state = state
    if (hasOtherTokens) this.#watch()
    for (const effect of effects) this.#carryOut(effect)
  }

  #watch(): void {
    const tokens = [...this.#state.tokens.values()]
    this.#deps.access.hold(this, {
      tokenIds: this.#state.tokens.keys(),
      rootIds: tokens.filter(({ withChildren }) => withChildren).map(({ tenantId }) => tenantId),
    })
    this.#deps.stream.renewals.expireAt(this, nextExpiry(this.#state))
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#peer.send(effect.text)
        break
      case 'show':
        this.#following.show(viewOf(effect.tenants))
        break
      case 'follow':
        for (const { topic, position } of effect.topics) this.#following.add(topic, position)
        break
      case 'start':
        this.#following.start()
        break
      case 'close':
        this.#peer.close(effect.code, effect.reason)
        break
      default:
        effect satisfies never
    }
  }
}

function nextExpiry({ tokens }: ConnectionState): number {
  let next = Number.POSITIVE_INFINITY
  for (const { expiresAtMs } of tokens.values()) if (expiresAtMs !== null) next = Math.min(next, expiresAtMs)
  return next
}
