import { unionOf, type VisibleTypes } from '../../core/event/visible-types.ts'
import { compareTenantIds, type TenantId } from '../../core/ids/tenant-id.ts'
import { hasElapsed } from '../../core/time/elapsed.ts'
import type { StreamGrant, TokenCheck } from '../../stream/stream-authority.ts'
import { bareToken, type Command, type CommandFault } from './commands.ts'
import { type RemovalReason, replies } from './replies.ts'
import type { PlacedTopic, Placement } from './topics.ts'

/**
 * A connection's commands, as a pure state machine. Tenants, topics and tokens belong to the
 * connection, and nothing is remembered after it closes.
 *
 *      add-tenants, remove-tenants, list-tenants, add-topics: any number, in any order
 *         ┌───┐                                          ┌───┐
 *         ▼   │                                          ▼   │
 *   ──▶ setting up ───────── subscribe-v1 ───────────▶ subscribed
 *         │      its reply, then the notices that           │
 *         │      waited for it, then the events             │
 *         └──── faults over the budget ──▶ closed ◀─────────┘
 *                                           1008
 *
 * A token that ends takes its tenant along, unless another token brought the same one; a notice
 * says so, never before the reply to `subscribe-v1`.
 */
export interface ConnectionState {
  readonly phase: 'setting-up' | 'subscribed' | 'closed'
  readonly tokens: ReadonlyMap<string, HeldToken>
  readonly topics: ReadonlySet<string>
  /** The messages of the last minute that could not be read, at most one over the budget. */
  readonly faultsAtMs: readonly number[]
  readonly notices: readonly Notice[]
  /** A command was answered `ok`. */
  readonly hasSucceeded: boolean
}

export interface HeldToken extends StreamGrant {
  readonly withChildren: boolean
  /** The tenants that the token covered when last looked at. Tenants that are new since then are shown; those that are gone are removed. */
  readonly covered: ReadonlySet<TenantId>
  /** The covered tenants that are shown. */
  readonly tenants: ReadonlySet<TenantId>
}

export interface Notice {
  readonly tenants: readonly TenantId[]
  readonly reason: RemovalReason
}

export type Descendants = (tenantId: TenantId) => Iterable<TenantId>

type CommandOf<Name extends Command['name']> = Extract<Command, { name: Name }>

export type Input =
  | {
      readonly kind: 'add-tenants'
      readonly command: CommandOf<'add-tenants-v1'>
      readonly check: TokenCheck
      readonly descendants: Descendants
    }
  | { readonly kind: 'remove-tenants'; readonly command: CommandOf<'remove-tenants-v1'> }
  | { readonly kind: 'list-tenants' }
  | { readonly kind: 'add-topics'; readonly placement: Placement }
  | { readonly kind: 'subscribe' }
  | {
      readonly kind: 'fault'
      readonly fault: CommandFault
      readonly nowMs: number
      readonly maxFaultsPerMinute: number
    }
  | {
      readonly kind: 'renew'
      /** What each token that is held shows now, or why it does not any more. */
      readonly tokens: ReadonlyMap<string, StreamGrant | RemovalReason>
      readonly descendants: Descendants
    }

export type Effect =
  | { readonly kind: 'send'; readonly text: string }
  /** From now on these tenants are shown, and no others. */
  | { readonly kind: 'show'; readonly tenants: ReadonlyMap<TenantId, VisibleTypes> }
  | { readonly kind: 'follow'; readonly topics: readonly PlacedTopic[] }
  /** Events may flow. */
  | { readonly kind: 'start' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

export interface Step {
  readonly state: ConnectionState
  /** In this order. */
  readonly effects: readonly Effect[]
}

export const initialState: ConnectionState = {
  phase: 'setting-up',
  tokens: new Map(),
  topics: new Set(),
  faultsAtMs: [],
  notices: [],
  hasSucceeded: false,
}

export function step(state: ConnectionState, input: Input): Step {
  if (state.phase === 'closed') return { state, effects: [] }
  switch (input.kind) {
    case 'add-tenants':
      return addTenants(state, input)
    case 'remove-tenants':
      return removeTenants(state, input.command.tenants)
    case 'list-tenants': {
      const tenantIds = [...shownTenants(state).keys()].sort(compareTenantIds)
      return succeed(state, replies.tenants(tenantIds))
    }
    case 'add-topics':
      return addTopics(state, input.placement)
    case 'subscribe':
      return subscribe(state)
    case 'fault':
      return countFault(state, input)
    case 'renew':
      return renew(state, input)
  }
  input satisfies never
}

/** The tenants that the connection shows, and what of each. */
export function shownTenants({ tokens }: Pick<ConnectionState, 'tokens'>): Map<TenantId, VisibleTypes> {
  const shown = new Map<TenantId, VisibleTypes>()
  for (const { tenants, types } of tokens.values()) {
    for (const tenantId of tenants) shown.set(tenantId, unionOf(shown.get(tenantId), types))
  }
  return shown
}

function succeed(state: ConnectionState, text: string, effects: readonly Effect[] = []): Step {
  return { state: { ...state, hasSucceeded: true }, effects: [{ kind: 'send', text }, ...effects] }
}

function refuse(state: ConnectionState, text: string): Step {
  return { state, effects: [{ kind: 'send', text }] }
}

function showAgain(state: ConnectionState): Effect {
  return { kind: 'show', tenants: shownTenants(state) }
}

function addTenants(
  state: ConnectionState,
  { command, check, descendants }: Extract<Input, { kind: 'add-tenants' }>,
): Step {
  const { accessTokens, includeChildTenants } = command
  if (check.kind === 'refused') {
    return refuse(state, replies.invalidTokens(accessTokens.filter((sent) => check.invalidTokens.has(bareToken(sent)))))
  }
  const tokens = new Map(state.tokens)
  for (const grant of check.grants) {
    const held = tokens.get(grant.tokenId)
    const withChildren = includeChildTenants || (held?.withChildren ?? false)
    const covered = coverage(grant.tenantId, withChildren, descendants)
    const tenants = includeChildTenants ? covered : new Set([...(held?.tenants ?? []), grant.tenantId])
    tokens.set(grant.tokenId, { ...grant, withChildren, covered, tenants })
  }
  const next = { ...state, tokens }
  const pairs = accessTokens.map((sent, index): [string, TenantId] => [sent, check.grants[index]!.tenantId])
  return succeed(next, replies.tenantsAdded(pairs), [showAgain(next)])
}

function coverage(tenantId: TenantId, withChildren: boolean, descendants: Descendants): ReadonlySet<TenantId> {
  return new Set(withChildren ? [tenantId, ...descendants(tenantId)] : [tenantId])
}

function removeTenants(state: ConnectionState, tenantIds: readonly TenantId[]): Step {
  const shown = shownTenants(state)
  const unknown = tenantIds.filter((tenantId) => !shown.has(tenantId))
  if (unknown.length > 0) return refuse(state, replies.invalidTenants(unknown))
  const removed = new Set(tenantIds)
  const tokens = new Map<string, HeldToken>()
  for (const [tokenId, token] of state.tokens) {
    const tenants = token.tenants.difference(removed)
    if (tenants.size > 0) tokens.set(tokenId, { ...token, tenants })
  }
  const next = { ...state, tokens }
  return succeed(next, replies.ok('remove-tenants-v1'), [showAgain(next)])
}

function addTopics(state: ConnectionState, placement: Placement): Step {
  if (placement.kind === 'invalid') return refuse(state, replies.invalidTopics(placement.topics, placement.message))
  const added = placement.topics.filter(({ topic }) => !state.topics.has(topic))
  const topics = new Set([...state.topics, ...added.map(({ topic }) => topic)])
  return succeed({ ...state, topics }, replies.ok('add-topics-v1'), [{ kind: 'follow', topics: added }])
}

function subscribe(state: ConnectionState): Step {
  if (state.phase === 'subscribed') return succeed(state, replies.ok('subscribe-v1'))
  const shown = shownTenants(state)
  const notices = state.notices.flatMap(({ tenants, reason }) => {
    const gone = tenants.filter((tenantId) => !shown.has(tenantId))
    return gone.length > 0 ? [{ kind: 'send' as const, text: replies.tenantsRemoved(gone, reason) }] : []
  })
  const next: ConnectionState = { ...state, phase: 'subscribed', notices: [] }
  return succeed(next, replies.ok('subscribe-v1'), [...notices, { kind: 'start' }])
}

const budgetMs = 60_000

function countFault(
  state: ConnectionState,
  { fault, nowMs, maxFaultsPerMinute }: Extract<Input, { kind: 'fault' }>,
): Step {
  const answer = refuse(state, replies.fault(fault))
  if (!fault.isCounted) return answer
  const faultsAtMs = [...state.faultsAtMs.filter((atMs) => !hasElapsed(atMs, budgetMs, nowMs)), nowMs]
  if (faultsAtMs.length <= maxFaultsPerMinute) return { ...answer, state: { ...state, faultsAtMs } }
  const close: Effect = { kind: 'close', code: 1008, reason: 'Too many messages that are no commands.' }
  return { state: { ...state, phase: 'closed', faultsAtMs }, effects: [...answer.effects, close] }
}

function renew(state: ConnectionState, { tokens: found, descendants }: Extract<Input, { kind: 'renew' }>): Step {
  const tokens = new Map<string, HeldToken>()
  const ended = new Map<HeldToken, RemovalReason>()
  let isSame = true
  for (const [tokenId, held] of state.tokens) {
    const now = found.get(tokenId) ?? held
    if (typeof now === 'string') {
      ended.set(held, now)
      continue
    }
    const next = renewed(held, now, descendants)
    tokens.set(tokenId, next)
    isSame &&= next === held
  }
  if (isSame && ended.size === 0) return { state, effects: [] }
  const next = { ...state, tokens }
  const shown = shownTenants(next)
  const notices = noticesOf(ended, shown)
  const show: Effect = { kind: 'show', tenants: shown }
  if (state.phase === 'setting-up')
    return { state: { ...next, notices: [...state.notices, ...notices] }, effects: [show] }
  const sends = notices.map(
    ({ tenants, reason }): Effect => ({ kind: 'send', text: replies.tenantsRemoved(tenants, reason) }),
  )
  return { state: next, effects: [show, ...sends] }
}

/** The token as it is now; itself when nothing changed. */
function renewed(held: HeldToken, { types, expiresAtMs }: StreamGrant, descendants: Descendants): HeldToken {
  const covered = held.withChildren ? coverage(held.tenantId, true, descendants) : held.covered
  const isSameTree = covered.symmetricDifference(held.covered).size === 0
  if (isSameTree && types.key === held.types.key && expiresAtMs === held.expiresAtMs) return held
  const tenants = isSameTree
    ? held.tenants
    : new Set([...covered].filter((id) => held.tenants.has(id) || !held.covered.has(id)))
  return { ...held, types, expiresAtMs, covered, tenants }
}

/** Tenants that went with a token and are not shown by another, by reason. */
function noticesOf(ended: ReadonlyMap<HeldToken, RemovalReason>, shown: ReadonlyMap<TenantId, VisibleTypes>): Notice[] {
  const reasons = new Map<TenantId, RemovalReason>()
  for (const [{ tenants }, reason] of ended) {
    for (const tenantId of tenants) if (!shown.has(tenantId)) reasons.set(tenantId, reason)
  }
  const byReason = Map.groupBy(reasons, ([, reason]) => reason)
  return Array.from(byReason, ([reason, entries]) => ({
    tenants: entries.map(([tenantId]) => tenantId).sort(compareTenantIds),
    reason,
  }))
}
