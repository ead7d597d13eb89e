import type { CatchUp, CatchUpReason } from '../core/delivery/catch-up.ts'
import { broughtBack, type SkippedSpan, type SkipReason, withSpan } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'

/**
 * Where one subscription's reading of the log is and who reads for it, as a pure state machine.
 *
 *           left: its lane is full, its endpoint rests, or it holds the watermark back
 *          ┌─────────────────────────────────────────────────────────┐
 *          │                                                         ▼  ── paused ──▶
 *   ──▶ shared ◀── settled ── joined ◀────── caught up ────────── reading            paused
 *                                                                    ▲  ◀─ resumed ──
 *   restarted, from any: ──▶ placed ───────── durable ───────────────┤
 *   disabled, from any:  ──▶ halted ───────── enabled ───────────────┘
 *   cancelled, while it catches up: ──▶ shared        removed, from any: ──▶ ended
 *
 * One that takes part in the shared loop can be paused too: from then on it falls behind.
 */
export type ProgressState = Place & {
  /** The spans that it skipped, ascending by position. */
  readonly skipped: readonly SkippedSpan[]
}

type Place =
  /** It takes part in the shared loop, in events after `from`. */
  | { readonly kind: 'shared'; readonly from: number }
  /** As `shared`, but what its own loop began is not settled yet. */
  | { readonly kind: 'joined'; readonly from: number }
  /** A loop of its own reads. */
  | { readonly kind: 'reading'; readonly catchUp: CatchUp; readonly isFarBehind: boolean }
  /** A loop of its own is to read as soon as the place where it begins is durable. */
  | { readonly kind: 'placed'; readonly catchUp: CatchUp }
  /** Nothing is read until it is resumed. */
  | { readonly kind: 'paused'; readonly catchUp: CatchUp }
  /** It is disabled: nothing is read until it is enabled. */
  | { readonly kind: 'halted' }
  /** The subscription is gone. */
  | { readonly kind: 'ended' }

/** Where reading begins anew, and why. */
export interface NewBeginning {
  readonly position: number
  readonly reason: CatchUpReason
  /** Some topics alone are read again. */
  readonly isPartial: boolean
  /** The record of the events that it skips; null: it skips none. */
  readonly skips: SkipReason | null
}

/**
 * `readTo`: of the log, everything up to there was considered for it, by whoever reads for it. `settledTo`: everything
 * up to there is settled. `latest`: where the log ends.
 */
export type Input =
  /** The server has opened, or the subscription is new. */
  | {
      readonly kind: 'opened'
      readonly isActive: boolean
      readonly readTo: number
      readonly latest: number
      readonly nowMs: number
    }
  /** It cannot keep up with the shared loop, which has offered it everything up to `readTo`. */
  | { readonly kind: 'left'; readonly readTo: number; readonly latest: number; readonly nowMs: number }
  /** Its own loop has read as far as the shared one. `isSettled`: nothing that it began is open. */
  | { readonly kind: 'caught up'; readonly readTo: number; readonly isSettled: boolean }
  /** Nothing that its own loop began is open any more. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'enabled'; readonly readTo: number; readonly latest: number; readonly nowMs: number }
  /** `keepsQueued`: what it was given before goes on, first attempts too. */
  | { readonly kind: 'disabled'; readonly readTo: number; readonly keepsQueued: boolean }
  | { readonly kind: 'paused'; readonly readTo: number; readonly nowMs: number }
  | { readonly kind: 'resumed'; readonly readTo: number; readonly latest: number }
  /** What it is behind with is left out. */
  | {
      readonly kind: 'cancelled'
      readonly readTo: number
      readonly settledTo: number
      readonly latest: number
      readonly nowMs: number
    }
  /** It begins anew, at a place before `settledTo` or after `readTo`, or amid what is queued for a disabled one. */
  | {
      readonly kind: 'restarted'
      readonly beginning: NewBeginning
      readonly readTo: number
      readonly settledTo: number
      readonly keepsQueued: boolean
      readonly nowMs: number
    }
  /** The place where it began anew is on disk. */
  | { readonly kind: 'durable'; readonly readTo: number; readonly latest: number }
  /** Retention dropped events that whoever reads for it had not read. */
  | { readonly kind: 'dropped'; readonly after: number; readonly to: number; readonly nowMs: number }
  | { readonly kind: 'removed' }

export type Effect =
  /** What the shared loop tracks for it holds a tracker of its own back from now on, which has read to `readTo`. */
  | { readonly kind: 'detach'; readonly readTo: number }
  /** A loop of its own reads from now on. */
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** Events that no attempt was begun for are read again later. */
  | { readonly kind: 'take back' }
  /** Nothing that is open holds a watermark back any more, and what no attempt was begun for is forgotten. */
  | { readonly kind: 'leave out' }
  /** What comes after `position` has sequence numbers of its own. */
  | { readonly kind: 'renumber'; readonly position: number; readonly readTo: number }
  /** It reads on after `position`: what is queued from there on is given back, and what is open up to there still holds it back. */
  | { readonly kind: 'begin anew'; readonly position: number; readonly readTo: number }
  /** One that was far behind has caught up. */
  | { readonly kind: 'tell' }
  /** The row to store has changed. */
  | { readonly kind: 'write' }

export interface Step {
  readonly state: ProgressState
  /** In this order. */
  readonly effects: readonly Effect[]
}

/** Events that make a catching-up worth telling of; busy subscriptions leave and join the shared loop all the time. */
const farBehind = 100

/** As the run before left it, until it is opened. */
export function initialState({
  mode,
  position,
  catchUp,
  skipped,
}: Omit<SubscriptionProgress, 'subscription' | 'partition'>): ProgressState {
  if (mode === 'shared') return { kind: 'shared', from: position, skipped }
  if (catchUp === null) return { kind: 'halted', skipped }
  return { kind: catchUp.pausedAtMs === null ? 'placed' : 'paused', catchUp, skipped }
}

export function step(state: ProgressState, input: Input): Step {
  if (state.kind === 'ended') return unchanged(state)
  switch (input.kind) {
    case 'opened':
      return opened(state, input)
    case 'left':
      return takesPart(state) ? left(state, input) : unchanged(state)
    case 'caught up':
      return state.kind === 'reading' ? caughtUp(state, input) : unchanged(state)
    case 'settled':
      return state.kind === 'joined' ? moved({ ...state, kind: 'shared' }) : unchanged(state)
    case 'enabled':
      return state.kind === 'halted' ? begun(state, 'enable', input) : unchanged(state)
    case 'disabled':
      return disabled(state, input)
    case 'paused':
      return paused(state, input)
    case 'resumed':
      return state.kind === 'paused' ? resumed(state, input) : unchanged(state)
    case 'cancelled':
      return cancelled(state, input)
    case 'restarted':
      return restarted(state, input)
    case 'durable':
      return state.kind === 'placed' ? started(state, state.catchUp, input) : unchanged(state)
    case 'dropped':
      return dropped(state, input)
    case 'removed':
      return moved({ kind: 'ended', skipped: state.skipped }, stopOf(state))
  }
  input satisfies never
}

type StateOf<Kind extends ProgressState['kind']> = Extract<ProgressState, { kind: Kind }>
type InputOf<Kind extends Input['kind']> = Extract<Input, { kind: Kind }>

/** Whether events that the shared loop reads are for it. */
export function takesPart(state: ProgressState): state is StateOf<'shared' | 'joined'> {
  return state.kind === 'shared' || state.kind === 'joined'
}

/** Null: nobody reads for it alone, nor is to. */
export function catchUpOf(state: ProgressState): CatchUp | null {
  return 'catchUp' in state ? state.catchUp : null
}

function unchanged(state: ProgressState): Step {
  return { state, effects: [] }
}

function moved(state: ProgressState, ...effects: readonly (Effect | readonly Effect[])[]): Step {
  return { state, effects: effects.flat() }
}

const write: Effect = { kind: 'write' }

function stopOf(state: ProgressState): readonly Effect[] {
  return state.kind === 'reading' ? [{ kind: 'stop' }] : []
}

/** A loop of its own goes on from where it stands. */
function started(
  { skipped }: ProgressState,
  catchUp: CatchUp,
  { readTo, latest }: { readonly readTo: number; readonly latest: number },
): Step {
  return moved({ kind: 'reading', catchUp, isFarBehind: latest - readTo >= farBehind, skipped }, { kind: 'start' })
}

/** A loop of its own begins where the reading is. */
function begun(state: ProgressState, reason: CatchUpReason, input: InputOf<'enabled' | 'left' | 'opened'>): Step {
  const catchUp = { reason, sinceMs: input.nowMs, from: input.readTo, pausedAtMs: null }
  const { state: next, effects } = started(state, catchUp, input)
  return moved(next, write, effects)
}

/** Out of the shared loop, which may not have come to where the subscription begins. */
function detach({ from }: StateOf<'shared' | 'joined'>, readTo: number): Effect & { kind: 'detach' } {
  return { kind: 'detach', readTo: Math.max(readTo, from) }
}

function opened(state: ProgressState, input: InputOf<'opened'>): Step {
  if (!input.isActive) return disabled(state, { kind: 'disabled', readTo: input.readTo, keepsQueued: true })
  if (state.kind === 'halted') return begun(state, 'behind', input)
  return state.kind === 'placed' ? started(state, state.catchUp, input) : unchanged(state)
}

function left(state: StateOf<'shared' | 'joined'>, input: InputOf<'left'>): Step {
  const out = detach(state, input.readTo)
  const { state: next, effects } = begun(state, 'behind', { ...input, readTo: out.readTo })
  return moved(next, out, effects)
}

function caughtUp(state: StateOf<'reading'>, { readTo, isSettled }: InputOf<'caught up'>): Step {
  const { skipped, isFarBehind } = state
  const tell: readonly Effect[] = isFarBehind ? [{ kind: 'tell' }] : []
  return moved({ kind: isSettled ? 'shared' : 'joined', from: readTo, skipped }, stopOf(state), write, tell)
}

function disabled(state: ProgressState, { readTo, keepsQueued }: InputOf<'disabled'>): Step {
  if (state.kind === 'halted') return unchanged(state)
  const out: readonly Effect[] = takesPart(state) ? [detach(state, readTo)] : stopOf(state)
  // What stays queued would otherwise be missed by an enabling from now.
  const back: readonly Effect[] = keepsQueued ? [] : [{ kind: 'take back' }]
  return moved({ kind: 'halted', skipped: state.skipped }, out, back, write)
}

function paused(state: ProgressState, { readTo, nowMs }: InputOf<'paused'>): Step {
  const { skipped } = state
  const back: Effect = { kind: 'take back' }
  if (takesPart(state)) {
    const out = detach(state, readTo)
    const catchUp = { reason: 'behind', sinceMs: nowMs, from: out.readTo, pausedAtMs: nowMs } as const
    return moved({ kind: 'paused', catchUp, skipped }, out, back, write)
  }
  if (state.kind !== 'reading' && state.kind !== 'placed') return unchanged(state)
  const catchUp = { ...state.catchUp, pausedAtMs: nowMs }
  return moved({ kind: 'paused', catchUp, skipped }, stopOf(state), back, write)
}

function resumed(state: StateOf<'paused'>, input: InputOf<'resumed'>): Step {
  const { state: next, effects } = started(state, { ...state.catchUp, pausedAtMs: null }, input)
  return moved(next, write, effects)
}

function cancelled(state: ProgressState, input: InputOf<'cancelled'>): Step {
  if (catchUpOf(state) === null) return unchanged(state)
  const { readTo, settledTo, latest, nowMs } = input
  const skipped = withSpan(state.skipped, spanOf('catch_up_cancelled', settledTo, latest, nowMs))
  return moved(
    { kind: 'shared', from: latest, skipped },
    stopOf(state),
    { kind: 'leave out' },
    { kind: 'renumber', position: latest, readTo },
    write,
  )
}

function restarted(state: ProgressState, input: InputOf<'restarted'>): Step {
  const { beginning, readTo, settledTo, keepsQueued, nowMs } = input
  const { position, reason, isPartial, skips } = beginning
  const keeps = state.kind === 'halted' && keepsQueued
  const leavesOut = !takesPart(state) && skips !== null && readTo < position
  const spans = leavesOut
    ? withSpan(state.skipped, spanOf(skips, keeps ? readTo : settledTo, position, nowMs))
    : state.skipped
  const skipped = broughtBack(spans, position, isPartial)
  const next: ProgressState =
    state.kind === 'halted'
      ? { kind: 'halted', skipped }
      : { kind: 'placed', catchUp: { reason, sinceMs: nowMs, from: position, pausedAtMs: null }, skipped }
  const leaveOut: readonly Effect[] = leavesOut && !keeps ? [{ kind: 'leave out' }] : []
  return moved(next, stopOf(state), leaveOut, { kind: 'begin anew', position, readTo }, write)
}

function dropped(state: ProgressState, { after, to, nowMs }: InputOf<'dropped'>): Step {
  if (state.kind !== 'reading' && !takesPart(state)) return unchanged(state)
  const first = takesPart(state) ? Math.max(after, state.from) : after
  return moved({ ...state, skipped: withSpan(state.skipped, spanOf('retention', first, to, nowMs)) })
}

function spanOf(reason: SkipReason, after: number, to: number, atMs: number): SkippedSpan {
  return { after, to, reason, atMs, isReadAgain: false }
}
