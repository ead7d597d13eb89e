import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Numbered, Sequences } from './sequences.ts'

/** Numbers the events of these positions. */
function given(sequences: Sequences, ...positions: readonly number[]): Numbered[] {
  return positions.map((position) => ({ position, sequence: sequences.give(position) }))
}

test('a rewind gives again what no attempt was begun with', () => {
  const sequences = new Sequences(0)
  const [, , ...waiting] = given(sequences, 1, 2, 3, 4)
  sequences.giveBack(waiting)
  sequences.restart(0, 4)
  expect(sequences.give(1)).toBe(3)
})

test('not what stands below one that was sent', () => {
  const sequences = new Sequences(0)
  const [, second, , fourth] = given(sequences, 1, 2, 3, 4)
  sequences.giveBack([second!, fourth!])
  sequences.restart(0, 4)
  expect(sequences.give(1)).toBe(4)
})

test('what is read again for the same events has the same numbers, and a rewind after it is above them', () => {
  const sequences = new Sequences(0)
  const [, , third] = given(sequences, 1, 2, 3)
  sequences.giveBack([third!])
  sequences.resumeAfter(2, 2)
  expect(given(sequences, 3)[0]!.sequence).toBe(3)
  sequences.restart(0, 3)
  expect(sequences.give(1)).toBe(4)
})

test('what the run before may have sent is given to nobody else, however often it is rewound', () => {
  const sequences = new Sequences(0, 10)
  const waiting = given(sequences, 1, 2)
  sequences.giveBack(waiting)
  sequences.restart(0, 2)
  sequences.restart(0, 0)
  expect(sequences.give(1)).toBe(11)
})

test('a number that the run before may have sent is not free, though no attempt was begun in this one', () => {
  const sequences = new Sequences(1, 20)
  sequences.giveBack(given(sequences, 20))
  sequences.restart(0, 20)
  expect(sequences.give(10)).toBe(3)
})

test('a restart leaves no number ahead of its place, and is stored with the highest one', () => {
  const sequences = new Sequences(0)
  given(sequences, 10, 20, 30)
  sequences.restart(5, 30)
  expect([sequences.givenAfter(0), sequences.settledAt(5), sequences.isAhead]).toEqual([[], 3, false])
})

test('what is open at a restart keeps its number, also for the next run', () => {
  const sequences = new Sequences(0)
  given(sequences, 10, 20)
  sequences.restart(20, 20)
  given(sequences, 30)
  expect([9, 15, 19].map((place) => sequences.settledAt(place))).toEqual([0, 1, 1])
  expect([sequences.isAhead, sequences.settledAt(20), sequences.settledAt(30)]).toEqual([true, 2, 3])
})

test('what is taken back from before a restart leaves the numbers after it alone', () => {
  const sequences = new Sequences(0, 100)
  given(sequences, 10, 20)
  sequences.restart(50, 20)
  const [after] = given(sequences, 60)
  expect(after!.sequence).toBe(83)
  sequences.resumeAfter(15, 1)
  expect(given(sequences, 20, 60).map(({ sequence }) => sequence)).toEqual([2, 83])
})

test('the number at a place is that of the last event up to there', () => {
  const sequences = new Sequences(5)
  given(sequences, 10, 20, 30)
  expect([9, 10, 29, 30, 31].map((place) => sequences.settledAt(place))).toEqual([5, 6, 7, 8, 8])
  expect(sequences.isAhead).toBe(false)
  expect(sequences.last).toBe(8)
})

test('tells which events after a place have a number', () => {
  const sequences = new Sequences(0)
  given(sequences, 10, 20, 30)
  sequences.settledAt(10)
  expect(sequences.givenAfter(0)).toEqual([20, 30])
  expect(sequences.givenAfter(20)).toEqual([30])
  sequences.resumeAfter(20, 2)
  expect(sequences.givenAfter(0)).toEqual([20])
})

/**
 * A subscription that is read, sent, taken back, rewound and read again by the next run. `sent` holds what a receiver
 * may have seen: the number of an event there is never another event's, and the same event read again after a crash has
 * its number of before.
 */
test('whatever happens, two events never have the same number, and one that is read again after a crash has its own', () => {
  const move = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('read' as const), hole: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('attempt' as const), which: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(20) }) },
    fc.constant({ kind: 'write' as const }),
    fc.constant({ kind: 'take back' as const }),
    fc.record({ kind: fc.constant('rewind' as const), by: fc.nat(8) }),
    fc.constant({ kind: 'crash' as const }),
  )
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120, size: 'max' }), (moves) => {
      type State = 'queued' | 'under way' | 'settled'
      /** Events read in this run after the last rewind; the log has one at each of these positions. */
      let events: (Numbered & { state: State })[] = []
      const log: number[] = []
      let sequences = new Sequences(0)
      let start = 0
      let row = { place: 0, sequence: 0 }
      /** Numbers of what may have been sent since the last rewind was written, by position; all numbers ever sent. */
      let current = new Map<number, number>()
      const sent = new Map<number, number>()
      const readTo = () => events.at(-1)?.position ?? start
      const place = () => (events.find(({ state }) => state !== 'settled')?.position ?? readTo() + 1) - 1
      const write = () => {
        row = { place: Math.max(start, place()), sequence: sequences.settledAt(Math.max(start, place())) }
      }
      const among = (state: State, which: number) => {
        const fits = events.filter((event) => event.state === state)
        return fits[which % Math.max(1, fits.length)]
      }
      for (const one of moves) {
        if (one.kind === 'read') {
          let position = log.find((other) => other > readTo())
          if (position === undefined) {
            position = Math.max(log.at(-1) ?? 0, readTo()) + 1 + one.hole
            log.push(position)
          }
          events.push({ position, sequence: sequences.give(position), state: 'queued' })
          expect(current.get(position) ?? events.at(-1)!.sequence).toBe(events.at(-1)!.sequence)
        } else if (one.kind === 'attempt') {
          const event = among('queued', one.which)
          if (!event) continue
          event.state = 'under way'
          expect(sent.get(event.sequence) ?? event.position).toBe(event.position)
          sent.set(event.sequence, event.position)
          current.set(event.position, event.sequence)
        } else if (one.kind === 'settle') {
          const event = among('under way', one.which)
          if (event) event.state = 'settled'
        } else if (one.kind === 'write') {
          write()
        } else if (one.kind === 'take back') {
          const queued = events.filter(({ state }) => state === 'queued')
          const [first] = queued
          if (!first) continue
          sequences.giveBack(queued)
          sequences.resumeAfter(first.position - 1, first.sequence - 1)
          // What was attempted beyond is read again, and numbered again.
          for (const event of events.filter(({ position }) => position >= first.position)) {
            event.state = event.state === 'queued' ? 'queued' : 'settled'
            expect(sequences.give(event.position)).toBe(event.sequence)
          }
        } else if (one.kind === 'rewind') {
          const to = Math.max(0, Math.min(place(), readTo()) - one.by)
          sequences.giveBack(events.filter(({ state }) => state === 'queued'))
          sequences.restart(to, readTo())
          ;[start, events, current] = [to, [], new Map()]
          write()
        } else {
          sequences = new Sequences(row.sequence, log.at(-1) ?? 0)
          ;[start, events] = [row.place, []]
        }
      }
    }),
    { numRuns: 1_000 },
  )
})
