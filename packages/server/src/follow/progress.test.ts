import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

const start = { mode: 'own', position: 0, sequence: 0, catchUp: null, skipped: [] } as const

interface Given {
  readonly event: { readonly position: number }
  readonly sequence: number
}

/** Gives sequences to the events of these positions. */
function given(progress: Progress, ...positions: readonly number[]): Given[] {
  return positions.map((position) => ({
    event: { position },
    sequence: progress.nextSequence(position),
  }))
}

test('a rewind gives again what no attempt was begun with', () => {
  const progress = new Progress(start)
  const [, , ...waiting] = given(progress, 1, 2, 3, 4)
  progress.giveBack(waiting)
  progress.restart(0, false, 4)
  expect(given(progress, 1)[0]!.sequence).toBe(3)
})

test('not what stands below one that was sent', () => {
  const progress = new Progress(start)
  const [, second, , fourth] = given(progress, 1, 2, 3, 4)
  progress.giveBack([second!, fourth!])
  progress.restart(0, false, 4)
  expect(progress.nextSequence(1)).toBe(4)
})

test('what is read again for the same events has the same sequences, and a rewind after it is above them', () => {
  const progress = new Progress(start)
  const [, , third] = given(progress, 1, 2, 3)
  progress.giveBack([third!])
  progress.resumeAt(2, 2)
  expect(given(progress, 3)[0]!.sequence).toBe(3)
  progress.restart(0, false, 3)
  expect(progress.nextSequence(1)).toBe(4)
})

test('what the run before may have sent is given to nobody else, however often it is rewound', () => {
  const progress = new Progress(start, 10)
  const waiting = given(progress, 1, 2)
  progress.giveBack(waiting)
  progress.restart(0, false, 2)
  progress.restart(0, false, 0)
  expect(progress.nextSequence(1)).toBe(11)
})
