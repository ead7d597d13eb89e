import { describe, expect, test } from 'vitest'
import type { Caller } from '../core/credential/caller.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { visibleTypes } from '../core/event/visible-types.ts'
import { encodeOffset } from '../core/ids/offset.ts'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { Viewer } from '../match/visibility.ts'
import { placeOf, tenantIdsIn, tenantIn, timeIn, viewerOf, viewFor } from './reading.ts'

const event = (rest: Partial<StoredEvent> = {}): StoredEvent => ({
  ...{ partition: 0, position: 1, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '7' },
  ...{ isQuiet: false, appendedAtMs: 0, head: '"entityId":"7"', tail: '"id":"a"', ...rest },
})
const refused = (pointer: string) =>
  expect.objectContaining({
    code: 'malformed_request',
    errors: [expect.objectContaining({ pointer: expect.stringMatching(new RegExp(`^${pointer}`)) })],
  })
const integrator = { kind: 'integrator', integrationId: 'int_1' } as const

test.each<[string, Caller, Viewer]>([
  ['the operator sees all', { kind: 'operator' }, { sees: 'everything' }],
  ['a publisher sees all', { kind: 'publisher' }, { sees: 'everything' }],
  ['a portal sees no events', { kind: 'portal', keyId: 'key_1', integrationId: 'int_1' }, { sees: 'nothing' }],
  [
    'an integration sees what it was granted',
    { ...integrator, tenantId: null, token: null },
    { sees: 'granted', integrationId: 'int_1', tenantId: null },
  ],
  [
    'one that is signed in for a tenant sees what that granted',
    { ...integrator, tenantId: 7, token: null },
    { sees: 'granted', integrationId: 'int_1', tenantId: 7 },
  ],
  [
    'a token shows its own',
    { ...integrator, tenantId: 7, token: { id: 'tok_1', types: null } },
    { sees: 'by-token', integrationId: 'int_1', tenantId: 7, tokenId: 'tok_1' },
  ],
])('%s', (_, caller, viewer) => {
  expect(viewerOf(caller)).toEqual(viewer)
})

describe('a view', () => {
  const grants = {
    direct: (_id: string, tenantId: number | bigint) => (tenantId === 1 ? visibleTypes(['invoice.*']) : undefined),
    ...{ inherited: () => undefined, ofToken: () => undefined, integrationsOf: () => [], lineage: () => [] },
  }
  const wants = (query: object, of: StoredEvent = event()) => viewFor({ kind: 'operator' }, query, grants).wants(of)

  test('shows what its caller may see', () => {
    const { mayShow } = viewFor({ ...integrator, tenantId: null, token: null }, {}, grants)
    expect([event(), event({ tenantId: 2 }), event({ type: 'order.created' })].map(mayShow)).toEqual([
      true,
      false,
      false,
    ])
  })

  test.each([
    [{}, true],
    [{ types: 'order.*,invoice.updated' }, true],
    [{ types: 'order.*' }, false],
    [{ tenants: '1,2' }, true],
    [{ tenants: '2' }, false],
    [{ filter: '{"entityId":["7"]}' }, true],
    [{ filter: '{"entityId":["8"]}' }, false],
    [{ types: 'invoice.*', tenants: '2' }, false],
  ])('asked for by %j wants the event: %s', (query, expected) => {
    expect(wants(query)).toBe(expected)
  })

  test.each([
    [{ types: 'invoice.*,,' }, '/types'],
    [{ tenants: '1,x' }, '/tenants'],
    [{ filter: '{"entityId":7}' }, '/filter'],
    [{ filter: 'x' }, '/filter'],
  ])('asked for by %j is refused', (query, pointer) => {
    expect(() => wants(query)).toThrow(refused(pointer))
  })
})

test('tenants and times are read with every digit, or refused by name', () => {
  expect(tenantIdsIn('1,9223372036854775807')).toEqual([1, 9223372036854775807n])
  expect(() => tenantIdsIn('')).toThrow(refused('/tenants'))
  expect([tenantIn(undefined), tenantIn('7')]).toEqual([undefined, 7])
  expect(() => tenantIn('0')).toThrow(refused('/tenant'))
  expect([timeIn('since', undefined), timeIn('since', '1970-01-01T00:00:01Z')]).toEqual([undefined, 1_000])
  expect(() => timeIn('since', 'x')).toThrow(refused('/since'))
})

describe('the place of an offset', () => {
  const topics = ['invoices', 'orders']

  async function logOf(kept: number) {
    const clock = new ManualClock()
    const log = new MemoryLog({ clock, epoch: 7 })
    for (let count = 0; count < 4; count++) {
      if (count === 4 - kept) await clock.advance(1_000)
      await log.append([newEvent({ topic: 'invoices' })])
    }
    await log.dropBefore(clock.now())
    const token = (position: number, topic = 'invoices', epoch = 7) => encodeOffset({ epoch, topic, position })
    return { log, token, place: (text: string) => placeOf(text, 'invoices', log, topics) }
  }

  test('is a position, moved to the earliest where that is not kept any more', async () => {
    const { token, place } = await logOf(2)
    expect([1, 2, 3, 4].map((position) => place(token(position)))).toEqual([
      { position: 2, isClamped: true },
      { position: 2, isClamped: false },
      { position: 3, isClamped: false },
      { position: 4, isClamped: false },
    ])
  })

  test('is refused by name where it cannot be one', async () => {
    const { token, place } = await logOf(4)
    const message = (text: string) => {
      try {
        place(text)
        return 'taken'
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_offset' })
        return (error as Error).message
      }
    }
    expect(message(token(5))).toMatch(/beyond the end/)
    expect(message('nonsense')).toMatch(/mistyped/)
    expect(message(token(1, 'orders'))).toMatch(/another topic/)
    expect(message(token(1, 'invoices', 8))).toMatch(/no longer exists/)
  })
})
