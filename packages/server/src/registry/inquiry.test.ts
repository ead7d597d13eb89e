import { expect, test } from 'vitest'
import type { Authority, Verdict } from './authority.ts'
import { Inquiry } from './inquiry.ts'

const granted: Verdict = {
  ...{ kind: 'granted', clientId: 'c', tenantId: 7, types: null, expiresAtMs: null, jti: null },
}
const refused: Verdict = { kind: 'refused', reason: 'inactive' }
const unavailable: Verdict = { kind: 'unavailable', reason: 'timeout' }
type Issued = ReturnType<Authority['issued']>

function asking(...authorities: [name: string, issued: Issued, verdict: Verdict][]) {
  const asked: string[] = []
  const observed: unknown[] = []
  let isResting = false
  const made = authorities.map(([name, issued, verdict]): Authority => {
    return {
      ...{ name, revalidateMs: 1, toleranceMs: 0, grantLastsMs: 0, close: async () => {} },
      issued: () => issued,
      isResting: () => isResting,
      check: async () => {
        asked.push(name)
        return verdict
      },
    }
  })
  const inquiry = new Inquiry({
    authorities: made,
    clock: { now: () => 0 },
    observe: (recognition) => observed.push(recognition),
    onFailure: (error) => expect.fail(String(error)),
  })
  return {
    ...{ inquiry, asked, observed, authorities: made },
    rest: (resting: boolean) => {
      isResting = resting
    },
  }
}

test.each<[string, [string, Issued, Verdict][], string[], string]>([
  [
    'the first that stands for it is the last that is asked',
    [
      ['a', 'maybe', refused],
      ['b', 'maybe', granted],
      ['c', 'maybe', granted],
    ],
    ['a', 'b'],
    'granted',
  ],
  [
    'what one surely issued, no other is asked about',
    [
      ['a', 'maybe', granted],
      ['b', 'surely', refused],
    ],
    ['b'],
    'refused',
  ],
  ['one that never issued it is not asked', [['a', 'never', granted]], [], 'refused'],
  [
    'that one could not be asked outweighs another’s refusal, whichever came first',
    [
      ['a', 'maybe', unavailable],
      ['b', 'maybe', refused],
    ],
    ['a', 'b'],
    'unavailable',
  ],
  [
    'and the other way round',
    [
      ['a', 'maybe', refused],
      ['b', 'maybe', unavailable],
    ],
    ['a', 'b'],
    'unavailable',
  ],
  ['without authorities it is refused', [], [], 'refused'],
])('%s', async (_, authorities, expectedAsked, kind) => {
  const { inquiry, asked } = asking(...authorities)
  const { verdict, authority } = await inquiry.ask('a token')
  expect([asked, verdict.kind]).toEqual([expectedAsked, kind])
  expect(authority?.name).toBe(kind === 'granted' ? asked.at(-1) : undefined)
})

test('every answer is told of, but not that a resting authority was left alone', async () => {
  const { inquiry, observed } = asking(
    ['a', 'maybe', { kind: 'unavailable', reason: 'resting' }],
    ['b', 'maybe', refused],
    ['c', 'maybe', granted],
  )
  await inquiry.ask('a token')
  expect(observed).toEqual([
    { authority: 'b', outcome: 'refused', reason: 'inactive' },
    { authority: 'c', outcome: 'granted', reason: null },
  ])
})

test('a resting authority is asked nothing in the background, and what waited for it is forgotten', async () => {
  const { inquiry, authorities, rest } = asking(['a', 'maybe', unavailable])
  const [authority] = authorities as [Authority]
  const done: number[] = []
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  // More than are asked at once, so that some wait.
  for (let subject = 0; subject < 20; subject++) {
    inquiry.inBackground({ subject }, authority, async () => {
      await hold
      done.push(subject)
    })
  }
  rest(true)
  await inquiry.askOne(authority, 'a token')
  inquiry.inBackground({}, authority, async () => {
    done.push(99)
  })
  release()
  await new Promise(setImmediate)
  expect(done).toEqual(Array.from({ length: 16 }, (_, subject) => subject))
})
