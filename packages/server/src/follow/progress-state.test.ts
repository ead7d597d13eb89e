import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CatchUp } from '../core/delivery/catch-up.ts'
import { isSkipped, type SkippedSpan } from '../core/delivery/skipped-span.ts'
import {
  catchUpOf,
  type Effect,
  type Input,
  initialState,
  type NewBeginning,
  type ProgressState,
  step,
  takesPart,
} from './progress-state.ts'

type Kind = ProgressState['kind']

const catchUp: CatchUp = { reason: 'rewind', sinceMs: 1, from: 10, pausedAtMs: null }
const skipped: readonly SkippedSpan[] = []
const states: Record<Kind, ProgressState> = {
  shared: { kind: 'shared', from: 30, skipped },
  joined: { kind: 'joined', from: 30, skipped },
  reading: { kind: 'reading', catchUp, isFarBehind: true, skipped },
  placed: { kind: 'placed', catchUp, skipped },
  paused: { kind: 'paused', catchUp: { ...catchUp, pausedAtMs: 2 }, skipped },
  halted: { kind: 'halted', skipped },
  ended: { kind: 'ended', skipped },
}

const where = { readTo: 40, settledTo: 20, latest: 90, nowMs: 7 }
const restarting = (some: Partial<NewBeginning>, keepsQueued = false): Input => {
  const beginning: NewBeginning = { position: 5, reason: 'rewind', isPartial: false, skips: null, ...some }
  return { kind: 'restarted', beginning, keepsQueued, ...where }
}
const forward = { position: 90, reason: 'enable', skips: 'enabled_from_now' } as const

/** The next state and the effects, as one reads them; `=`: the same state and none. */
function told(from: ProgressState, input: Input): string {
  const { state, effects } = step(from, input)
  if (state === from && effects.length === 0) return '='
  const words = effects.map((effect) => {
    if ('position' in effect) return `${effect.kind} ${effect.position} (${effect.readTo})`
    return 'readTo' in effect ? `${effect.kind} ${effect.readTo}` : effect.kind
  })
  const from30 = takesPart(state) ? ` from ${state.from}` : ''
  return [`${state.kind}${from30}`, ...words].join(', ')
}

interface Case {
  readonly input: Input
  readonly becomes: Record<Kind, string>
}
const nowhere = { shared: '=', joined: '=', reading: '=', placed: '=', paused: '=', halted: '=', ended: '=' }
const cases: Record<Input['kind'], Record<string, Case>> = {
  opened: {
    'an active one': {
      input: { kind: 'opened', isActive: true, ...where },
      becomes: { ...nowhere, placed: 'reading, start', halted: 'reading, write, start' },
    },
    'a disabled one': {
      input: { kind: 'opened', isActive: false, ...where },
      becomes: {
        ...nowhere,
        shared: 'halted, detach 40, write',
        joined: 'halted, detach 40, write',
        reading: 'halted, stop, write',
        placed: 'halted, write',
        paused: 'halted, write',
      },
    },
  },
  left: {
    'what it takes part in': {
      input: { kind: 'left', ...where },
      becomes: {
        ...nowhere,
        shared: 'reading, detach 40, write, start',
        joined: 'reading, detach 40, write, start',
      },
    },
    'before the loop has come to where it begins': {
      input: { kind: 'left', ...where, readTo: 25 },
      becomes: {
        ...nowhere,
        shared: 'reading, detach 30, write, start',
        joined: 'reading, detach 30, write, start',
      },
    },
  },
  'caught up': {
    'all settled': {
      input: { kind: 'caught up', readTo: 40, isSettled: true },
      becomes: { ...nowhere, reading: 'shared from 40, stop, write, tell' },
    },
    'some of it open': {
      input: { kind: 'caught up', readTo: 40, isSettled: false },
      becomes: { ...nowhere, reading: 'joined from 40, stop, write, tell' },
    },
  },
  settled: {
    plain: { input: { kind: 'settled' }, becomes: { ...nowhere, joined: 'shared from 30' } },
  },
  enabled: {
    plain: { input: { kind: 'enabled', ...where }, becomes: { ...nowhere, halted: 'reading, write, start' } },
  },
  disabled: {
    'what is queued is taken back': {
      input: { kind: 'disabled', keepsQueued: false, ...where },
      becomes: {
        ...nowhere,
        shared: 'halted, detach 40, take back, write',
        joined: 'halted, detach 40, take back, write',
        reading: 'halted, stop, take back, write',
        placed: 'halted, take back, write',
        paused: 'halted, take back, write',
      },
    },
    'what is queued goes on': {
      input: { kind: 'disabled', keepsQueued: true, ...where },
      becomes: {
        ...nowhere,
        shared: 'halted, detach 40, write',
        joined: 'halted, detach 40, write',
        reading: 'halted, stop, write',
        placed: 'halted, write',
        paused: 'halted, write',
      },
    },
  },
  paused: {
    plain: {
      input: { kind: 'paused', ...where },
      becomes: {
        ...nowhere,
        shared: 'paused, detach 40, take back, write',
        joined: 'paused, detach 40, take back, write',
        reading: 'paused, stop, take back, write',
        placed: 'paused, take back, write',
      },
    },
  },
  resumed: {
    plain: { input: { kind: 'resumed', ...where }, becomes: { ...nowhere, paused: 'reading, write, start' } },
  },
  cancelled: {
    plain: {
      input: { kind: 'cancelled', ...where },
      becomes: {
        ...nowhere,
        reading: 'shared from 90, stop, leave out, renumber 90 (40), write',
        placed: 'shared from 90, leave out, renumber 90 (40), write',
        paused: 'shared from 90, leave out, renumber 90 (40), write',
      },
    },
  },
  restarted: {
    'in the past': {
      input: restarting({}),
      becomes: {
        shared: 'placed, begin anew 5 (40), write',
        joined: 'placed, begin anew 5 (40), write',
        reading: 'placed, stop, begin anew 5 (40), write',
        placed: 'placed, begin anew 5 (40), write',
        paused: 'placed, begin anew 5 (40), write',
        halted: 'halted, begin anew 5 (40), write',
        ended: '=',
      },
    },
    'further on': {
      input: restarting(forward),
      becomes: {
        shared: 'placed, begin anew 90 (40), write',
        joined: 'placed, begin anew 90 (40), write',
        reading: 'placed, stop, leave out, begin anew 90 (40), write',
        placed: 'placed, leave out, begin anew 90 (40), write',
        paused: 'placed, leave out, begin anew 90 (40), write',
        halted: 'halted, leave out, begin anew 90 (40), write',
        ended: '=',
      },
    },
    'further on, and what is queued for a disabled one goes on': {
      input: restarting(forward, true),
      becomes: {
        shared: 'placed, begin anew 90 (40), write',
        joined: 'placed, begin anew 90 (40), write',
        reading: 'placed, stop, leave out, begin anew 90 (40), write',
        placed: 'placed, leave out, begin anew 90 (40), write',
        paused: 'placed, leave out, begin anew 90 (40), write',
        halted: 'halted, begin anew 90 (40), write',
        ended: '=',
      },
    },
  },
  durable: {
    plain: { input: { kind: 'durable', ...where }, becomes: { ...nowhere, placed: 'reading, start' } },
  },
  dropped: {
    plain: {
      input: { kind: 'dropped', after: 20, to: 35, nowMs: 7 },
      becomes: { ...nowhere, shared: 'shared from 30', joined: 'joined from 30', reading: 'reading' },
    },
  },
  removed: {
    plain: {
      input: { kind: 'removed' },
      becomes: {
        shared: 'ended',
        joined: 'ended',
        reading: 'ended, stop',
        placed: 'ended',
        paused: 'ended',
        halted: 'ended',
        ended: '=',
      },
    },
  },
}

describe.each(Object.entries(states) as [Kind, ProgressState][])('while %s', (kind, state) => {
  describe.each(Object.entries(cases))('%s', (_, inputs) => {
    it.each(Object.entries(inputs))('%s', (_, { input, becomes }) => {
      expect(told(state, input)).toBe(becomes[kind])
    })
  })
})

describe('as the run before left it', () => {
  const row = { mode: 'own', position: 12, sequence: 3, catchUp, skipped } as const

  it.each([
    ['it takes part in the shared loop', { ...row, mode: 'shared', catchUp: null }, 'shared'],
    ['it was catching up', row, 'placed'],
    ['it was paused', { ...row, catchUp: { ...catchUp, pausedAtMs: 3 } }, 'paused'],
    ['it was disabled, or what its loop began was open when it had joined', { ...row, catchUp: null }, 'halted'],
  ] as const)('%s', (_, stored, kind) => {
    expect(initialState(stored).kind).toBe(kind)
  })
})

describe('a catch-up', () => {
  const stepped = (kind: Kind, input: Input) => step(states[kind], input).state

  it('says why it began, when, and where', () => {
    const behind = { reason: 'behind', sinceMs: 7, from: 40, pausedAtMs: null }
    expect(catchUpOf(stepped('shared', { kind: 'left', ...where }))).toEqual(behind)
    expect(catchUpOf(stepped('halted', { kind: 'opened', isActive: true, ...where }))).toEqual(behind)
    expect(catchUpOf(stepped('halted', { kind: 'enabled', ...where }))).toEqual({ ...behind, reason: 'enable' })
    expect(catchUpOf(stepped('joined', { kind: 'paused', ...where }))).toEqual({ ...behind, pausedAtMs: 7 })
    expect(catchUpOf(stepped('shared', restarting({})))).toEqual({ ...behind, reason: 'rewind', from: 5 })
  })

  it('stays the same one through a pause', () => {
    const paused = stepped('reading', { kind: 'paused', ...where })
    expect(catchUpOf(paused)).toEqual({ ...catchUp, pausedAtMs: 7 })
    expect(catchUpOf(step(paused, { kind: 'resumed', ...where }).state)).toEqual(catchUp)
  })

  it('is told of at its end when it was far behind at its beginning', () => {
    const near = stepped('halted', { kind: 'enabled', ...where, readTo: 41, latest: 140 })
    expect(told(near, { kind: 'caught up', readTo: 141, isSettled: true })).toBe('shared from 141, stop, write')
    const far = stepped('halted', { kind: 'enabled', ...where, readTo: 40, latest: 140 })
    expect(told(far, { kind: 'caught up', readTo: 141, isSettled: true })).toBe('shared from 141, stop, write, tell')
  })
})

describe('what is left out', () => {
  const spans = (kind: Kind, input: Input) =>
    step(states[kind], input).state.skipped.map(({ after, to, reason }) => `${after} to ${to}: ${reason}`)

  it('begins at what is settled, or at what was read where the rest of it goes on', () => {
    expect(spans('paused', { kind: 'cancelled', ...where })).toEqual(['20 to 90: catch_up_cancelled'])
    expect(spans('halted', restarting(forward))).toEqual(['20 to 90: enabled_from_now'])
    expect(spans('halted', restarting(forward, true))).toEqual(['40 to 90: enabled_from_now'])
    expect(spans('shared', restarting(forward))).toEqual([])
    expect(spans('halted', restarting({ ...forward, skips: null }))).toEqual([])
  })

  it('is what retention dropped of its events: one that takes part gets none from before it began', () => {
    expect(spans('reading', { kind: 'dropped', after: 20, to: 35, nowMs: 7 })).toEqual(['20 to 35: retention'])
    expect(spans('shared', { kind: 'dropped', after: 20, to: 35, nowMs: 7 })).toEqual(['30 to 35: retention'])
    expect(spans('joined', { kind: 'dropped', after: 20, to: 30, nowMs: 7 })).toEqual([])
  })

  it('is brought back by a rewind, of all topics or of some', () => {
    const span = { after: 2, to: 60, reason: 'retention', atMs: 1, isReadAgain: false } as const
    const state: ProgressState = { ...states.shared, skipped: [span] }
    expect(step(state, restarting({})).state.skipped).toEqual([{ ...span, to: 5 }])
    expect(step(state, restarting({ isPartial: true })).state.skipped).toEqual([
      { ...span, to: 5 },
      { ...span, after: 5, isReadAgain: true },
    ])
  })
})

/**
 * Random inputs against a model that reads a log without holes and settles what it reads at once, so that "read" is
 * all there is to know of an event. How deliveries that are open move with it is tested with the reader.
 */
describe('whatever comes in whatever order', () => {
  const kinds = Object.keys(cases) as Input['kind'][]
  const move = fc.record({
    kind: fc.constantFrom<Input['kind'] | 'append' | 'shared reads' | 'own reads'>(
      ...kinds.filter((kind) => kind !== 'removed' && kind !== 'settled'),
      'append',
      'shared reads',
      'shared reads',
      'own reads',
      'own reads',
    ),
    count: fc.integer({ min: 1, max: 6 }),
    flag: fc.boolean(),
  })

  it('one loop reads at most, and no event between two places is unread: it was read, or is noted as left out', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80, size: 'max' }), fc.boolean(), (moves, endsRemoved) => {
        let state = initialState({ mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] })
        let latest = 0
        let sharedReadTo = 0
        let earliest = 0
        /** Of its own loop, and of the shared one for as long as it does not take part there. */
        let ownReadTo: number | null = null
        let isLoopRunning = false
        let isActive = true
        const read = new Set<number>()
        const readTo = () => ownReadTo ?? Math.max(sharedReadTo, takesPart(state) ? state.from : 0)
        const carryOut: Record<Effect['kind'], (effect: Effect) => void> = {
          detach: (effect) => {
            ownReadTo = (effect as Extract<Effect, { kind: 'detach' }>).readTo
          },
          start: () => {
            expect(isLoopRunning).toBe(false)
            isLoopRunning = true
          },
          stop: () => {
            expect(isLoopRunning).toBe(true)
            isLoopRunning = false
          },
          'begin anew': (effect) => {
            const { position } = effect as Extract<Effect, { kind: 'begin anew' }>
            for (const event of read) if (event > position) read.delete(event)
            ownReadTo = position
          },
          'take back': () => {},
          'leave out': () => {},
          renumber: () => {},
          tell: () => {},
          write: () => {},
        }
        const tell = (input: Input) => {
          const { state: next, effects } = step(state, input)
          state = next
          for (const effect of effects) carryOut[effect.kind](effect)
          if (takesPart(state)) ownReadTo = null
        }
        const at = () => ({ readTo: readTo(), settledTo: readTo(), latest, nowMs: 1 })
        const noteDropped = (after: number) => {
          if (earliest > after) tell({ kind: 'dropped', after, to: earliest, nowMs: 1 })
        }
        tell({ kind: 'opened', isActive, ...at() })
        for (const { kind, count, flag } of moves) {
          if (kind === 'append') latest += count
          else if (kind === 'shared reads') {
            noteDropped(sharedReadTo)
            const to = Math.min(latest, Math.max(earliest, sharedReadTo) + count)
            for (let event = Math.max(earliest, sharedReadTo) + 1; event <= to; event++) {
              if (takesPart(state) && event > state.from) read.add(event)
            }
            sharedReadTo = Math.max(sharedReadTo, to)
          } else if (kind === 'own reads') {
            if (!isLoopRunning || ownReadTo === null) continue
            if (ownReadTo >= sharedReadTo) {
              tell({ kind: 'caught up', readTo: ownReadTo, isSettled: flag })
              continue
            }
            noteDropped(ownReadTo)
            const to: number = Math.min(latest, Math.max(earliest, ownReadTo) + count)
            for (let event = Math.max(earliest, ownReadTo) + 1; event <= to; event++) {
              if (!isSkipped(state.skipped, event)) read.add(event)
            }
            ownReadTo = Math.max(ownReadTo, to)
          } else if (kind === 'dropped') {
            earliest = Math.min(latest, earliest + count)
          } else if (kind === 'enabled' || kind === 'disabled') {
            // The registry says so of those alone whose status changes.
            if (isActive === (kind === 'enabled')) continue
            isActive = !isActive
            tell({ kind, keepsQueued: flag, ...at() })
          } else if (kind === 'restarted') {
            const isForward = !isActive && flag
            const position = isForward ? latest : Math.max(0, Math.min(readTo(), latest) - count)
            const skips = isForward ? 'enabled_from_now' : null
            tell({
              kind,
              beginning: { position, reason: 'rewind', isPartial: false, skips },
              keepsQueued: count > 3,
              ...at(),
            })
          } else if (kind === 'left') tell({ kind, ...at() })
          else if (kind === 'opened') tell({ kind, isActive, ...at() })
          else if (kind === 'paused' || kind === 'resumed' || kind === 'cancelled' || kind === 'durable') {
            tell({ kind, ...at() })
          }
          expect(isLoopRunning).toBe(state.kind === 'reading')
          expect(state.kind === 'halted').toBe(!isActive)
          for (let event = 1; event <= readTo(); event++) {
            const isTold = state.skipped.some(({ after, to }) => after < event && event <= to)
            expect(read.has(event) || isTold, `event ${event} after ${kind}`).toBe(true)
          }
        }
        if (!endsRemoved) return
        tell({ kind: 'removed' })
        expect(isLoopRunning).toBe(false)
        for (const byName of Object.values(cases)) {
          for (const { input } of Object.values(byName)) expect(told(state, input)).toBe('=')
        }
      }),
      { numRuns: 500 },
    )
  })
})
