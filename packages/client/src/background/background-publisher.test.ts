import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import type { RefusedError } from '../errors.ts'
import { hangUp, json, problem, quickClock, scripted } from '../http-fixture.ts'
import { Tidings } from '../tidings.ts'
import type { PublisherOptions, RefusedEvent } from './background-publisher.ts'

const event = (entityId: string, more: object = {}) => ({ tenantId: 1, type: 'invoice.updated', entityId, ...more })

interface SentEvent {
  readonly id: string
  readonly entityId: string
}

/** Answers by what was sent, once `held` has passed. */
const answering =
  (
    answer: (events: readonly SentEvent[]) => { status: number; body: object },
    held: Promise<void> = Promise.resolve(),
  ) =>
  (response: ServerResponse, request: IncomingMessage) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const { status, body } = answer(JSON.parse(Buffer.concat(chunks).toString()))
      await held
      const type = status === 201 ? 'application/json' : 'application/problem+json'
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
    })
  }

/** Stores whatever comes, as the server does. */
const stored = (events: readonly SentEvent[]) => ({
  status: 201,
  body: { events: events.map(({ id }) => ({ id, topic: 'invoices', offset: `o-${id}`, duplicate: false })) },
})
const store = answering(stored)

/** Refuses the events with these entity ids, by pointer. */
const refuse = (...entityIds: readonly string[]) =>
  answering((events) => {
    const errors = events.flatMap(({ entityId }, index) =>
      entityIds.includes(entityId) ? [{ pointer: `/${index}/data/total`, code: 'type', detail: 'is no number' }] : [],
    )
    return { status: 422, body: { code: 'invalid_event', detail: 'Nothing was published.', errors } }
  })

function publisherOf(url: string, options: Partial<PublisherOptions> = {}) {
  const refused: RefusedEvent[] = []
  const clock = quickClock()
  const publisher = new Tidings({ url, clock }).publisher({
    onRefused: (each) => refused.push(each),
    exitDrainMs: 0,
    ...options,
  })
  return { publisher, refused, clock }
}

const bodiesOf = (requests: readonly { readonly body: string }[]) =>
  requests.map(({ body }) => (JSON.parse(body) as { id: string; entityId: string }[]).map(({ entityId }) => entityId))

test('events that come together go together, in their order, each with its outcome', async () => {
  await using server = await scripted(store)
  const { publisher } = publisherOf(server.url, { maxBatchEvents: 2 })
  const accepted = await Promise.all(['1', '2', '3'].map((id) => publisher.publish(event(id, { id }))))
  expect((await Promise.all(accepted.map(({ published }) => published))).map(({ offset }) => offset)).toEqual([
    'o-1',
    'o-2',
    'o-3',
  ])
  await publisher.close()
  expect(bodiesOf(server.requests)).toEqual([['1', '2'], ['3']])
})

test('a batch holds so many bytes, and a larger event goes alone', async () => {
  await using server = await scripted(store)
  const { publisher } = publisherOf(server.url, { maxBatchBytes: 250 })
  const large = { data: { note: 'x'.repeat(300) } }
  await Promise.all([event('1'), event('2'), event('3', large), event('4')].map((each) => publisher.publish(each)))
  await publisher.drain()
  expect(bodiesOf(server.requests)).toEqual([['1', '2'], ['3'], ['4']])
})

test('an event waits for others as long as it may, and not when the end is asked for', async () => {
  await using server = await scripted(store)
  const { publisher, clock } = publisherOf(server.url, { maxDelayMs: 40 })
  const { published } = await publisher.publish(event('1'))
  await published
  expect(clock.pausesMs).toEqual([40])
})

test('whoever asks for the end does not wait for others to come along', async () => {
  await using server = await scripted(store)
  // Time that passes for nobody: only what hurries a pause ends it.
  const clock: Clock = {
    now: () => 0,
    pause: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
  }
  const publisher = new Tidings({ url: server.url, clock }).publisher({ onRefused: () => {}, exitDrainMs: 0 })
  await publisher.publish(event('1'))
  await publisher.drain()
  // As does a batch that is full.
  const { published } = await publisher.publish(event('2', { data: { note: 'x'.repeat(2 * 1024 * 1024) } }))
  await published
  expect(bodiesOf(server.requests)).toEqual([['1'], ['2']])
})

test('an id is made once: every try has the same one, and a change of the object afterwards changes nothing', async () => {
  await using server = await scripted(
    hangUp,
    problem(503, 'shutting_down', { 'retry-after': '7' }),
    json({}, 201),
    store,
  )
  const retries: [string, number][] = []
  const { publisher, clock } = publisherOf(server.url, {
    onRetry: (error, delayMs) => retries.push([error.message, delayMs]),
  })
  const mutable = event('1')
  const [given, text] = [await publisher.publish(mutable), await publisher.publish('{"tenantId":1,"entityId":"2"}')]
  mutable.entityId = 'changed'
  expect((await given.published).id).toBe(given.id)
  expect((await text.published).id).toBe(text.id)
  await publisher.close()
  const bodies = new Set(server.requests.map(({ body }) => body))
  expect(server.requests.map(({ body }) => bodies.has(body))).toEqual([true, true, true, true])
  expect(bodies.size).toBe(1)
  expect(bodiesOf(server.requests)[0]).toEqual(['1', '2'])
  // As long as the server said; an answer without the events' places is no answer.
  expect(clock.pausesMs).toContain(7_000)
  expect(retries.map(([message]) => message)).toEqual([
    expect.stringContaining('cannot reach'),
    'about shutting_down',
    expect.stringContaining('did not answer each of 2 events'),
  ])
})

test('a key that is refused loses nothing: the events wait until it is good', async () => {
  await using server = await scripted(problem(401, 'unauthorized'), problem(403, 'forbidden'), store)
  const { publisher, refused } = publisherOf(server.url)
  const { published } = await publisher.publish(event('1', { id: 'a' }))
  expect((await published).offset).toBe('o-a')
  expect(refused).toEqual([])
})

test('a refused event keeps no other out, and is told with its own faults', async () => {
  await using server = await scripted(refuse('2', '4'), store)
  const { publisher, refused } = publisherOf(server.url)
  const accepted = await Promise.all(['1', '2', '3', '4', '5'].map((id) => publisher.publish(event(id))))
  await publisher.close()
  expect(bodiesOf(server.requests)).toEqual([
    ['1', '2', '3', '4', '5'],
    ['1', '3', '5'],
  ])
  expect(refused.map(({ text }) => (JSON.parse(text) as { entityId: string }).entityId)).toEqual(['2', '4'])
  const error = refused[0]!.error as RefusedError
  expect(error).toMatchObject({ code: 'invalid_event', message: '/data/total is no number' })
  expect(error.errors).toEqual([{ pointer: '/data/total', code: 'type', detail: 'is no number' }])
  await expect(accepted[1]!.published).rejects.toBe(error)
})

test('a refusal that names no event is narrowed down to the one that it is about', async () => {
  const isBad = (events: readonly SentEvent[]) => events.some(({ entityId }) => entityId === '3')
  const nameless = answering((events) =>
    isBad(events) ? { status: 413, body: { code: 'payload_too_large' } } : stored(events),
  )
  await using server = await scripted(nameless)
  const { publisher, refused } = publisherOf(server.url)
  await Promise.all(['1', '2', '3', '4'].map((id) => publisher.publish(event(id))))
  await publisher.close()
  expect(refused.map(({ error }) => (error as RefusedError).code)).toEqual(['payload_too_large'])
  const taken = server.requests.filter(({ body }) => !isBad(JSON.parse(body)))
  expect(bodiesOf(taken).flat()).toEqual(['1', '2', '4'])
})

test('at the cap a call waits its turn, and one that may not wait is declined', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await using server = await scripted(answering(stored, released), store)
  const { publisher } = publisherOf(server.url, { maxBufferedEvents: 2 })
  expect(publisher.tryPublish(event('1'))).toBeDefined()
  await publisher.publish(event('2'))
  expect(publisher.tryPublish(event('declined'))).toBeUndefined()
  const [third, fourth] = [publisher.publish(event('3')), publisher.publish(event('4'))]
  const leave = new AbortController()
  const impatient = publisher.publish(event('impatient'), { signal: leave.signal })
  leave.abort(new Error('no time'))
  await expect(impatient).rejects.toThrow('no time')
  expect(publisher.pending).toBe(2)
  release()
  await Promise.all([third, fourth])
  await publisher.close()
  expect(bodiesOf(server.requests).flat()).toEqual(['1', '2', '3', '4'])
})

test('whoever waits for the end no longer than it may leaves the publishing as it is', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await using server = await scripted(answering(stored, released))
  const { publisher } = publisherOf(server.url)
  const { published } = await publisher.publish(event('1'))
  const stop = new AbortController()
  const drained = publisher.drain({ signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(drained).rejects.toThrow('enough')
  release()
  await published
})

test('a closed publisher takes nothing', async () => {
  await using server = await scripted(store)
  const { publisher } = publisherOf(server.url)
  await publisher.close()
  await expect(publisher.publish(event('1'))).rejects.toMatchObject({ code: 'closed' })
  expect(() => publisher.tryPublish(event('1'))).toThrow('closed')
})

test.each([{ maxBatchEvents: 1_001 }, { maxBufferedEvents: 0 }, { maxDelayMs: -1 }, { maxBatchBytes: 2e7 }])(
  'limits out of their range are refused: %j',
  (options) => {
    expect(() => publisherOf('http://127.0.0.1:1', options)).toThrow(TypeError)
  },
)
