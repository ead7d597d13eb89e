import { readBearerText } from '../core/credential/compact-jose.ts'
import { AppError } from '../core/errors.ts'
import { visibleTypes } from '../core/event/visible-types.ts'
import { AskerGate } from '../core/limit/asker-gate.ts'
import type { AccessToken } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { epochMsOf } from '../core/time/time.ts'
import type { Authority, Verdict } from './authority.ts'
import type { Directory } from './directory.ts'
import { isTokenEnded, tokenNames } from './ended-tokens.ts'
import { isLive } from './grant-table.ts'
import { Inquiry, type InquiryDeps } from './inquiry.ts'
import { type KnownToken, KnownTokens } from './known-tokens.ts'
import { type GrantParties, recognisedGrantId, recognisedTokenId } from './recognised-grant.ts'
import { RecognisedGrants } from './recognised-grants.ts'
import type { Registry } from './registry.ts'
import type { Sealer } from './sealer.ts'
import { WrongKeyLimit } from './wrong-key-limit.ts'

/** What became of a token's text. Known ones are in the directory until they end. */
export type Recognition = 'known' | 'refused' | 'unavailable'

export interface RecogniserDeps extends InquiryDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly sealer: Sealer
  /** Tokens an address may bring in a minute that turn out to be wrong. */
  readonly wrongPerMinute: number
}

const sweepMs = 1_000
/** A client that brings a thousand new tokens does not keep the others waiting. */
const gateBounds = { mostAtOnce: 8, mostWaiting: 5_000 }
/** How long a refusal is remembered: a token that is sent again and again costs one question in this time. */
const refusedMs = 10_000
const mostRefused = 10_000
const mostKnown = 100_000
/** A token of which the authority does not say when it ends is known this long after it was last confirmed. */
const confirmedMs = 3_600_000
/** RFC 6750 §2.1, and no longer than headers carry. */
const tokenShape = /^[\w.~+/-]{1,8192}={0,2}$/
/** A mistyped key of ours must not travel to another server. */
const ownKey = /^tid_/

/**
 * Recognises access tokens of the application's own authorities. A token that is seen for the first time is
 * checked once, however many requests bring it; from then on it is known in memory and costs nothing until
 * it expires or its authority ends it.
 */
export class Recogniser {
  readonly #deps: RecogniserDeps
  readonly #directory: Directory
  readonly #known: KnownTokens
  readonly #grants: RecognisedGrants
  readonly #gate = new AskerGate(gateBounds)
  readonly #wrong: WrongKeyLimit
  /** Until when, by hash. */
  readonly #refused = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<Recognition>>()
  /** Grants whose newest token has to be asked about again after a restart. */
  readonly #unconfirmed = new Map<string, AccessToken>()
  readonly #inquiry: Inquiry
  readonly #hashes: (text: string) => readonly string[]
  #cancelSweep = () => {}
  #stopFollowing = () => {}
  #isStopped = false

  constructor(deps: RecogniserDeps) {
    this.#deps = deps
    this.#directory = deps.registry.directory
    this.#known = new KnownTokens(this.#directory.recognised)
    this.#grants = new RecognisedGrants({ ...deps, known: this.#known })
    this.#wrong = new WrongKeyLimit(deps.wrongPerMinute)
    this.#inquiry = new Inquiry(deps)
    this.#hashes = (text) => deps.registry.hashes(text)
  }

  /** Drops grants of authorities that are not configured any more, and takes the others up where they stood. */
  async start(): Promise<void> {
    const { authorities, clock } = this.#deps
    const byName = new Map(authorities.map((authority) => [authority.name, authority]))
    const stored = [...this.#directory.grants.all()].filter(({ recognised }) => recognised !== undefined)
    const nowMs = clock.now()
    const isOver = (grant: AccessToken) =>
      !byName.has(grant.recognised!.authority) || !isLive(this.#directory.grants.get(grant.id)!, nowMs)
    await this.#grants.drop(stored.filter(isOver))
    if (authorities.length === 0) return
    for (const grant of stored) if (!isOver(grant)) this.#unconfirmed.set(grant.id, grant)
    this.#stopFollowing = this.#directory.onChanged((changes) => {
      for (const { kind, id, value } of changes) {
        if (kind === 'token' && value === null && !this.#grants.isDropping(id)) this.#endByOperator(id)
      }
    })
    this.#sweep()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelSweep()
    this.#stopFollowing()
    await this.#grants.settled()
    await Promise.all(this.#deps.authorities.map((authority) => authority.close()))
  }

  /**
   * Makes a bearer's text known if one of the authorities stands for it. Only for texts that are no key and no
   * token of Tidings.
   * @param asker whose tries are counted together: an address, or an integration that has shown its secret
   */
  readonly recognise = (text: string, asker: string): Promise<Recognition> => {
    const { authorities, registry, clock } = this.#deps
    if (authorities.length === 0 || !tokenShape.test(text) || ownKey.test(text)) return Promise.resolve('refused')
    const bearer = readBearerText(text)
    if (bearer.kind === 'jose' && !bearer.isCanonical) return Promise.resolve('refused')
    const hash = registry.hash(text)
    const nowMs = clock.now()
    const known = this.#directory.recognised.withHash(hash)
    if (known && isLive(known, nowMs)) return Promise.resolve('known')
    if (isWithin(refusedMs, (this.#refused.get(hash) ?? 0) - nowMs)) return Promise.resolve('refused')
    if (isTokenEnded(this.#directory, tokenNames(this.#hashes, text))) return Promise.resolve('refused')
    const before = this.#underWay.get(hash)
    if (before) return before
    const recognition = this.#recogniseOnce(text, hash, asker).finally(() => this.#underWay.delete(hash))
    this.#underWay.set(hash, recognition)
    return recognition
  }

  async #recogniseOnce(text: string, hash: string, asker: string): Promise<Recognition> {
    const { clock, observe } = this.#deps
    // Its grant is written outside the gate, so that those of many tokens share a commit.
    const answer = await this.#gate.run(asker, async () =>
      this.#wrong.isReached(asker, clock.now()) ? ('refused' as const) : this.#inquiry.ask(text),
    )
    if (answer === null) return 'unavailable'
    if (answer === 'refused') return 'refused'
    const { verdict, authority } = answer
    if (verdict.kind === 'granted' && authority) {
      const refusal = await this.#admit(text, hash, authority, verdict)
      if (refusal === null) return 'known'
      observe({ authority: authority.name, outcome: 'refused', reason: refusal })
    }
    // It may be a good one, and to try tokens out tells nobody anything now: it is not counted.
    if (verdict.kind === 'unavailable') return 'unavailable'
    this.#wrong.refusal(asker, clock.now())
    if (verdict.kind === 'granted' || !verdict.isPassing) this.#refuse(hash, clock.now() + refusedMs)
    return 'refused'
  }

  /** Makes it known once its grant is durable. Returns why not. */
  async #admit(
    text: string,
    hash: string,
    authority: Authority,
    verdict: Extract<Verdict, { kind: 'granted' }>,
  ): Promise<string | null> {
    const { clock } = this.#deps
    const integration = this.#directory.integrations.withKey(verdict.clientId)
    if (!integration) return 'unknown_integration'
    if (!this.#directory.tenant(verdict.tenantId)) return 'unknown_tenant'
    if (this.#known.size >= mostKnown) return 'too_many'
    const parties = { authority: authority.name, integrationId: integration.id, tenantId: verdict.tenantId }
    const known = this.#knownOf(text, hash, authority, parties, verdict)
    if (clock.now() >= known.goodUntilMs) return 'expired'
    if (isTokenEnded(this.#directory, known.names)) return 'ended'
    this.#unconfirmed.delete(known.grantId)
    this.#known.add(known)
    try {
      await this.#grants.settle(known.grantId)
    } catch (error) {
      this.#known.remove(known)
      throw error
    }
    // Its grant, tenant or integration may have been deleted while it was written.
    return this.#known.show(known) ? null : 'deleted'
  }

  #knownOf(
    text: string,
    hash: string,
    authority: Authority,
    parties: GrantParties,
    { types, expiresAtMs, jti }: Extract<Verdict, { kind: 'granted' }>,
  ): KnownToken {
    const nowMs = this.#deps.clock.now()
    const id = recognisedTokenId(hash)
    const { integrationId, tenantId } = parties
    // The moment is a number beside it; no text of it is read.
    const token = { id, integrationId, tenantId, hash, types, expiresAt: null, createdAt: this.#deps.registry.now() }
    return {
      live: { token, expiresAtMs, types: visibleTypes(types) },
      text,
      authority,
      parties,
      grantId: recognisedGrantId(parties),
      names: tokenNames(this.#hashes, text, { authority: authority.name, jti }),
      goodUntilMs: expiresAtMs ?? nowMs + confirmedMs,
      checkedAtMs: nowMs,
      isShown: false,
    }
  }

  #sweep(): void {
    const { clock, onFailure } = this.#deps
    const nowMs = clock.now()
    for (const known of this.#known.values()) {
      if (nowMs >= known.goodUntilMs) {
        this.#known.remove(known)
        this.#grants.settle(known.grantId).catch(onFailure)
        continue
      }
      if (isWithin(known.authority.revalidateMs, known.checkedAtMs + known.authority.revalidateMs - nowMs)) continue
      this.#inquiry.inBackground(known, known.authority, () => this.#revalidate(known))
    }
    for (const grant of this.#unconfirmed.values()) {
      const authority = this.#deps.authorities.find(({ name }) => name === grant.recognised!.authority)!
      this.#inquiry.inBackground(grant, authority, () => this.#confirm(grant, authority))
    }
    this.#grants.retry().catch(onFailure)
    this.#cancelSweep = clock.schedule(sweepMs, () => this.#sweep())
  }

  async #revalidate(known: KnownToken): Promise<void> {
    const { clock } = this.#deps
    if (!this.#known.has(known)) return
    known.checkedAtMs = clock.now()
    const verdict = await this.#inquiry.askOne(known.authority, known.text)
    if (this.#isStopped || !this.#known.has(known) || verdict.kind === 'unavailable') return
    if (verdict.kind === 'granted' && this.#isSameParties(known, verdict)) {
      const next = this.#knownOf(known.text, known.live.token.hash, known.authority, known.parties, verdict)
      const isChanged = next.live.types.key !== known.live.types.key || next.live.expiresAtMs !== known.live.expiresAtMs
      known.goodUntilMs = next.goodUntilMs
      if (!isChanged) return
      known.live = next.live
      if (known.isShown) this.#known.show(known)
      return this.#grants.settle(known.grantId)
    }
    const hasExpired = clock.now() >= known.goodUntilMs - known.authority.toleranceMs
    this.#known.remove(known)
    if (!hasExpired || known.live.expiresAtMs === null) this.#grants.revoke(known.grantId)
    return this.#grants.settle(known.grantId)
  }

  /** Takes up the newest token of a grant that was made before a restart. */
  async #confirm(grant: AccessToken, authority: Authority): Promise<void> {
    const { clock, sealer, registry } = this.#deps
    const { token, tokenExpiresAt } = grant.recognised!
    const endsMs = tokenExpiresAt === null ? null : epochMsOf(tokenExpiresAt)
    this.#unconfirmed.delete(grant.id)
    if (endsMs !== null && clock.now() >= endsMs - authority.toleranceMs) return
    const text = sealer.unseal(token, grant.id)
    const verdict = await this.#inquiry.askOne(authority, text)
    if (this.#isStopped || this.#known.ofGrant(grant.id).length > 0 || !this.#directory.grants.get(grant.id)) return
    if (verdict.kind === 'unavailable') {
      this.#unconfirmed.set(grant.id, grant)
      return
    }
    try {
      if (verdict.kind === 'granted') await this.#admit(text, registry.hash(text), authority, verdict)
      else await this.#grants.drop([grant])
    } catch (error) {
      // The store refused what the authority said: it is asked again, or its word would be forgotten until a restart.
      this.#unconfirmed.set(grant.id, grant)
      throw error
    }
  }

  #isSameParties({ parties }: KnownToken, { clientId, tenantId }: Extract<Verdict, { kind: 'granted' }>): boolean {
    const integration = this.#directory.integrations.withKey(clientId)
    return integration?.id === parties.integrationId && tenantId === parties.tenantId
  }

  /** The operator took the grant away, and its tokens with it (`endTokens`). */
  #endByOperator(grantId: string): void {
    this.#unconfirmed.delete(grantId)
    for (const known of this.#known.ofGrant(grantId)) this.#known.remove(known)
  }

  #refuse(hash: string, untilMs: number): void {
    this.#refused.delete(hash)
    if (this.#refused.size >= mostRefused) this.#refused.delete(this.#refused.keys().next().value!)
    this.#refused.set(hash, untilMs)
  }
}

/** Whether something that lasts so long still lasts. With more left than that, the clock was set back, and it would last too long. */
function isWithin(lastsMs: number, leftMs: number): boolean {
  return leftMs > 0 && leftMs <= lastsMs
}

/** The refusal of a credential that could not be checked. */
export function authorityUnavailable(): AppError {
  return new AppError(
    'authority_unavailable',
    'The authority that issued the access token does not answer at the moment. Try again in a few seconds.',
    { retryAfterSeconds: 2 },
  )
}
