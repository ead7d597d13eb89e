import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { everyType, type VisibleTypes } from '../../core/event/visible-types.ts'
import type { StreamGrant } from '../../stream/stream-authority.ts'
import {
  type ConnectionState,
  type Descendants,
  type Effect,
  type Input,
  initialState,
  shownTenants,
  step,
} from './connection-state.ts'
import type { RemovalReason } from './replies.ts'

const grant = (tokenId: string, tenantId: number, types: VisibleTypes = everyType): StreamGrant => ({
  tokenId,
  integrationId: 'int_1',
  tenantId,
  types,
  expiresAtMs: null,
})

function adding(
  grants: Record<string, StreamGrant>,
  options: { includeChildTenants?: boolean; descendants?: Descendants } = {},
): Input {
  const { includeChildTenants = false, descendants = () => [] } = options
  const accessTokens = Object.keys(grants)
  return {
    kind: 'add-tenants',
    command: { name: 'add-tenants-v1', includeChildTenants, clientSecret: 's', accessTokens },
    check: { kind: 'granted', grants: Object.values(grants) },
    descendants,
  }
}

const onlyA: VisibleTypes = { key: 'a', allows: (type) => type === 'a' }

const refused: Input = {
  kind: 'add-tenants',
  command: {
    name: 'add-tenants-v1',
    includeChildTenants: false,
    clientSecret: 's',
    accessTokens: ['Bearer a', 'b', 'a'],
  },
  check: { kind: 'refused', invalidTokens: new Set(['a']) },
  descendants: () => [],
}
const removing = (...tenants: number[]): Input => ({
  kind: 'remove-tenants',
  command: { name: 'remove-tenants-v1', tenants },
})
const following = (topic: string, position: number): Input => ({
  kind: 'add-topics',
  placement: { kind: 'placed', topics: [{ topic, position }] },
})
const faulty = (nowMs: number, isCounted = true): Input => ({
  kind: 'fault',
  fault: { response: null, message: 'Why.', isCounted },
  nowMs,
  maxFaultsPerMinute: 2,
})
const renewing = (tokens: Record<string, StreamGrant | RemovalReason>, descendants: Descendants = () => []): Input => ({
  kind: 'renew',
  tokens: new Map(Object.entries(tokens)),
  descendants,
})
const ending = (...tokenIds: string[]): Input =>
  renewing(Object.fromEntries(tokenIds.map((tokenId) => [tokenId, 'token-revoked'])))

function run(inputs: readonly Input[], from: ConnectionState = initialState) {
  let state = from
  let effects: readonly Effect[] = []
  for (const input of inputs) ({ state, effects } = step(state, input))
  return { state, effects }
}
const after = (...inputs: Input[]) => run(inputs).state

const send = (text: string): Effect => ({ kind: 'send', text })
const show = (...tenantIds: number[]): Effect => ({
  kind: 'show',
  tenants: new Map(tenantIds.map((tenantId) => [tenantId, everyType])),
})
const removed = '{"response":"tenants-removed-v1","result":"ok","tenants":[1],"reason":"token-revoked"}'
const whyNot = '{"response":null,"result":"error","message":"Why."}'
const tooMany: Effect = { kind: 'close', code: 1008, reason: expect.any(String) }

// Every input in every phase; the connection holds tenant 1 by token `t1` and the topic `a`.
const before = [adding({ x: grant('t1', 1) }), following('a', 5)]
const phases: Record<ConnectionState['phase'], ConnectionState> = {
  'setting-up': after(...before),
  subscribed: after(...before, { kind: 'subscribe' }),
  closed: after(...before, faulty(0), faulty(0), faulty(0)),
}
interface Case {
  readonly input: Input
  readonly effects: Record<ConnectionState['phase'], readonly Effect[]>
}
const everywhere = (...effects: Effect[]) => ({ 'setting-up': effects, subscribed: effects, closed: [] })
const cases: Record<Input['kind'], Record<string, Case>> = {
  'add-tenants': {
    'valid tokens': {
      input: adding({ 'Bearer é': grant('t2', 2), '7': grant('t3', 3), '': grant('t2', 2) }),
      effects: everywhere(
        send('{"response":"add-tenants-v1","result":"ok","tenantIds":{"7":3,"Bearer \\u00e9":2,"":2}}'),
        show(1, 2, 3),
      ),
    },
    'an invalid token among valid ones': {
      input: refused,
      effects: everywhere(send('{"response":"add-tenants-v1","result":"error","invalidTokens":["Bearer a","a"]}')),
    },
    'what it has': {
      input: adding({ x: grant('t1', 1) }),
      effects: everywhere(send('{"response":"add-tenants-v1","result":"ok","tenantIds":{"x":1}}'), show(1)),
    },
    nothing: {
      input: adding({}),
      effects: everywhere(send('{"response":"add-tenants-v1","result":"ok","tenantIds":{}}'), show(1)),
    },
  },
  'remove-tenants': {
    'a known tenant': {
      input: removing(1),
      effects: everywhere(send('{"response":"remove-tenants-v1","result":"ok"}'), show()),
    },
    'an unknown tenant among known ones': {
      input: removing(1, 9, 8),
      effects: everywhere(send('{"response":"remove-tenants-v1","result":"error","invalidTenants":[9,8]}')),
    },
    'none at all': {
      input: removing(),
      effects: everywhere(send('{"response":"remove-tenants-v1","result":"ok"}'), show(1)),
    },
  },
  'list-tenants': {
    plain: {
      input: { kind: 'list-tenants' },
      effects: everywhere(send('{"response":"list-tenants-v1","result":"ok","tenantIds":[1]}')),
    },
  },
  'add-topics': {
    'a new topic': {
      input: following('b', 7),
      effects: everywhere(send('{"response":"add-topics-v1","result":"ok"}'), {
        kind: 'follow',
        topics: [{ topic: 'b', position: 7 }],
      }),
    },
    'a topic that it has': {
      input: following('a', 1),
      effects: everywhere(send('{"response":"add-topics-v1","result":"ok"}'), { kind: 'follow', topics: [] }),
    },
    'a topic that there is not': {
      input: { kind: 'add-topics', placement: { kind: 'invalid', topics: ['å'], message: 'Why.' } },
      effects: everywhere(
        send('{"response":"add-topics-v1","result":"error","invalidTopics":["\\u00e5"],"message":"Why."}'),
      ),
    },
  },
  subscribe: {
    plain: {
      input: { kind: 'subscribe' },
      effects: {
        'setting-up': [send('{"response":"subscribe-v1","result":"ok"}'), { kind: 'start' }],
        subscribed: [send('{"response":"subscribe-v1","result":"ok"}')],
        closed: [],
      },
    },
  },
  fault: {
    counted: { input: faulty(0), effects: everywhere(send(whyNot)) },
    'not counted': { input: faulty(0, false), effects: everywhere(send(whyNot)) },
  },
  renew: {
    'its token, which ended': {
      input: ending('t1'),
      effects: { 'setting-up': [show()], subscribed: [show(), send(removed)], closed: [] },
    },
    'its token, which shows something else': {
      input: renewing({ t1: grant('t1', 1, onlyA) }),
      effects: everywhere({ kind: 'show', tenants: new Map([[1, onlyA]]) }),
    },
    'its token, which lasts longer': {
      input: renewing({ t1: { ...grant('t1', 1), expiresAtMs: 5 } }),
      effects: everywhere(show(1)),
    },
    'its token, as it was': { input: renewing({ t1: grant('t1', 1) }, () => [9]), effects: everywhere() },
    'a token that it does not have': { input: ending('t9'), effects: everywhere() },
  },
}

describe.each(Object.entries(phases) as [ConnectionState['phase'], ConnectionState][])('while %s', (phase, state) => {
  describe.each(Object.entries(cases))('%s', (_, inputs) => {
    it.each(Object.entries(inputs))('%s', (_, { input, effects }) => {
      expect(step(state, input).effects).toEqual(effects[phase])
    })
  })
})

describe('tenants', () => {
  const descendants: Descendants = (tenantId) => (tenantId === 1 ? [2, 3] : tenantId === 2 ? [3] : [])
  const shown = (state: ConnectionState) => [...shownTenants(state).keys()].sort()
  const withChildren = adding({ x: grant('t1', 1) }, { includeChildTenants: true, descendants })

  it('come with their descendants when asked for, as the tree changes', () => {
    const state = after(withChildren)
    expect(shown(state)).toEqual([1, 2, 3])
    const moved = run([renewing({}, () => [3, 4])], state)
    expect(shown(moved.state)).toEqual([1, 3, 4])
    expect(moved.effects).toEqual([show(1, 3, 4)])
  })

  it('stay without their descendants when these are not asked for', () => {
    const state = after(adding({ x: grant('t1', 1) }, { descendants }), renewing({}, descendants))
    expect(shown(state)).toEqual([1])
  })

  it('keep their descendants when added again without them', () => {
    expect(shown(after(withChildren, adding({ x: grant('t1', 1) }, { descendants })))).toEqual([1, 2, 3])
  })

  it('stay removed though the tree changes, until they are added again', () => {
    const state = after(
      withChildren,
      removing(2),
      renewing({}, () => [2, 3, 4]),
    )
    expect(shown(state)).toEqual([1, 3, 4])
    expect(shown(run([withChildren], state).state)).toEqual([1, 2, 3])
  })

  it('show what any of their tokens shows', () => {
    const only = (key: string): VisibleTypes => ({ key, allows: (type) => type === key })
    const state = after(adding({ x: grant('t1', 1, only('a')), y: grant('t2', 1, only('b')) }))
    const types = shownTenants(state).get(1)
    expect(['a', 'b', 'c'].map((type) => types?.allows(type))).toEqual([true, true, false])
    expect(shownTenants(after(adding({ x: grant('t1', 1, only('a')), y: grant('t2', 1) }))).get(1)).toBe(everyType)
  })

  it('outlast a token when another brought them, and go with the last', () => {
    const rotated = after(adding({ x: grant('t1', 1) }), { kind: 'subscribe' }, adding({ y: grant('t2', 1) }))
    const once = step(rotated, ending('t1'))
    expect(once.effects).toEqual([show(1)])
    expect(step(once.state, ending('t2')).effects).toEqual([show(), send(removed)])
  })

  it('are named in one notice for each reason, after the subscribe reply, unless they came back', () => {
    const tokens = { a: grant('t1', 1), b: grant('t2', 2), c: grant('t3', 3), d: grant('t4', 4) }
    const ended = renewing({ t2: 'token-revoked', t1: 'token-revoked', t3: 'token-expired', t4: 'token-revoked' })
    const { effects } = run([adding(tokens), ended, adding({ d: grant('t5', 4) }), { kind: 'subscribe' }])
    expect(effects).toEqual([
      send('{"response":"subscribe-v1","result":"ok"}'),
      send('{"response":"tenants-removed-v1","result":"ok","tenants":[1,2],"reason":"token-revoked"}'),
      send('{"response":"tenants-removed-v1","result":"ok","tenants":[3],"reason":"token-expired"}'),
      { kind: 'start' },
    ])
  })
})

describe('the error budget', () => {
  it('closes with the first fault over it, which is answered', () => {
    const { effects, state } = run([faulty(0), faulty(1), faulty(59_999)])
    expect(effects).toEqual([send(whyNot), tooMany])
    expect(state.phase).toBe('closed')
  })

  it('forgets faults after a minute and when the clock was set back, and does not count all of them', () => {
    expect(run([faulty(0), faulty(1), faulty(60_000)]).state.phase).toBe('setting-up')
    expect(run(Array.from({ length: 100 }, () => faulty(0, false))).state.phase).toBe('setting-up')
    expect(run([faulty(3_600_000), faulty(3_600_000), faulty(0)]).state.phase).toBe('setting-up')
  })
})

it('whatever comes in whatever order: no reply has a tenantId, no event flows and no notice comes before the subscribe reply', () => {
  const inputs = fc.constantFrom(
    ...Object.values(cases).flatMap((byName) => Object.values(byName).map(({ input }) => input)),
  )
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 30 }), (sequence) => {
      let state = initialState
      let isSubscribed = false
      for (const input of sequence) {
        const next = step(state, input)
        state = next.state
        for (const effect of next.effects) {
          if (effect.kind === 'start') expect(isSubscribed).toBe(true)
          if (effect.kind !== 'send') continue
          const reply = JSON.parse(effect.text)
          expect(reply).not.toHaveProperty('tenantId')
          expect(['ok', 'error']).toContain(reply.result)
          if (reply.response === 'subscribe-v1') isSubscribed = true
          if (reply.response === 'tenants-removed-v1') expect(isSubscribed).toBe(true)
        }
      }
    }),
  )
})
