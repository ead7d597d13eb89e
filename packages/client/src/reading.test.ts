import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { MemoryCheckpointStore } from './checkpoint/memory-checkpoint-store.ts'
import { RefusedLineError } from './errors.ts'
import { type Gap, GapError } from './gap.ts'
import { hangUp, json, problem, quickClock, scripted, sse } from './http-fixture.ts'
import { Tidings } from './tidings.ts'

const event = (offset: string, more = '') =>
  `{"type":"invoice.updated","tenantId":1,"topic":"invoices","offset":"${offset}"${more}}`
const page = (events: readonly string[], next: string) => (response: ServerResponse) => {
  response.end(`{"events":[${events.join(',')}],"next":"${next}","earliest":"o0","clamped":false}`)
}
const retryNow = 'retry: 0\n\n'

async function take<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) if (items.push(item) === count) break
  return items
}

test('the feed goes on from page to page, over broken connections, and knows its position', async () => {
  await using server = await scripted(
    page([event('o1'), event('o2')], 'o2'),
    hangUp,
    page([], 'o5'),
    page([event('o6')], 'o6'),
  )
  const feed = new Tidings({ url: server.url, clock: quickClock() }).feed('invoices', {
    after: 'o0',
    types: ['invoice.*'],
    tenants: [1],
  })
  expect(feed.position).toBe('o0')
  const offsets: string[] = []
  const positions: (string | undefined)[] = []
  for await (const { offset } of feed) {
    offsets.push(offset)
    positions.push(feed.position)
    if (offsets.length === 3) break
  }
  expect(offsets).toEqual(['o1', 'o2', 'o6'])
  expect(positions).toEqual(offsets)
  const after = server.requests.map(({ url }) => new URL(url, server.url).searchParams.get('after'))
  expect(after).toEqual(['o0', 'o2', 'o2', 'o5'])
})

test('the feed outlasts a server that is away for longer than a request is repeated', async () => {
  const away = problem(503, 'shutting_down', { 'retry-after': '0' })
  await using server = await scripted(page([event('o1')], 'o1'), ...Array(9).fill(away), page([event('o2')], 'o2'))
  const feed = new Tidings({ url: server.url, clock: quickClock() }).feed('invoices')
  expect((await take(feed, 2)).map(({ offset }) => offset)).toEqual(['o1', 'o2'])
})

test('a feed that is answered at once with nothing asks once a second', async () => {
  await using server = await scripted(page([], 'o1'), page([], 'o1'), page([], 'o1'), page([event('o2')], 'o2'))
  const clock = quickClock()
  await take(new Tidings({ url: server.url, clock }).feed('invoices'), 1)
  expect(clock.pausesMs).toEqual([1_000, 1_000])
})

test('what the feed has now ends at its end', async () => {
  await using server = await scripted(page([event('o1', ',"data":{"n":1.10}')], 'o1'), page([], 'o1'))
  const events = await Array.fromAsync(new Tidings({ url: server.url }).feed('invoices').untilEnd())
  expect(events.map(({ raw }) => raw)).toEqual([event('o1', ',"data":{"n":1.10}')])
  expect(Object.keys(events[0]!)).not.toContain('raw')
})

test('a refused feed ends with the refusal', async () => {
  await using server = await scripted(problem(404, 'not_found'))
  await expect(take(new Tidings({ url: server.url }).feed('nope'), 1)).rejects.toMatchObject({ code: 'not_found' })
})

test('the stream resumes after what it had, checkpoints included', async () => {
  await using server = await scripted(
    sse(`${retryNow}id: t1\ndata: ${event('o1')}\n\nevent: checkpoint\nid: t9\ndata: {}\n\n`),
    problem(503, 'shutting_down', { 'retry-after': '0' }),
    sse(`event: clamped\ndata: {}\n\nid: t10\ndata: ${event('o10')}\n\n`),
  )
  const breaks: string[] = []
  const gaps: Gap[] = []
  const clock = quickClock()
  const stream = new Tidings({ url: server.url, clock }).stream({
    topics: ['invoices', 'customers'],
    since: '2026-01-31T12:00:00Z',
    onBreak: ({ message }) => breaks.push(message),
    onGap: (gap) => void gaps.push(gap),
  })
  expect((await take(stream, 2)).map(({ offset }) => offset)).toEqual(['o1', 'o10'])
  expect(stream.lastEventId).toBe('t10')
  expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 't9', 't9'])
  // A time is where the first one begins; later ones go on from the token.
  expect(server.requests.map(({ url }) => url.includes('since='))).toEqual([true, false, false])
  expect(breaks).toEqual(['the stream ended', 'about shutting_down'])
  expect(gaps).toEqual([{ topic: undefined, after: 't9' }])
  // `retry: 0` and `Retry-After: 0` would spin.
  expect(clock.pausesMs).toEqual([1_000, 1_000])
})

test('a stream whose key is refused ends', async () => {
  await using server = await scripted(sse(`${retryNow}id: t1\ndata: ${event('o1')}\n\n`), problem(401, 'unauthorized'))
  const stream = new Tidings({ url: server.url, clock: quickClock() }).stream({})
  await expect(take(stream, 2)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a server that asks a stream to come back in a thousand years is asked again after a day', async () => {
  await using server = await scripted(
    sse(`retry: 31557600000000\nid: t1\ndata: ${event('o1')}\n\n`),
    sse(`id: t2\ndata: ${event('o2')}\n\n`),
  )
  const clock = quickClock()
  await take(new Tidings({ url: server.url, clock }).stream({}), 2)
  expect(clock.pausesMs).toEqual([86_400_000])
})

test('a feed whose position is older than the retention ends, unless somebody takes the gap upon himself', async () => {
  const clamped = (response: ServerResponse) => {
    response.end(`{"events":[${event('o9')}],"next":"o9","earliest":"o8","clamped":true}`)
  }
  await using server = await scripted(clamped)
  const feed = (onGap?: (gap: Gap) => void) =>
    new Tidings({ url: server.url, clock: quickClock() }).feed('invoices', { after: 'o1', ...(onGap && { onGap }) })
  const refused = take(feed(), 1)
  await expect(refused).rejects.toBeInstanceOf(GapError)
  await expect(refused).rejects.toMatchObject({ code: 'gap', gap: { topic: 'invoices', after: 'o1' } })
  const gaps: Gap[] = []
  expect(
    (
      await take(
        feed((gap) => void gaps.push(gap)),
        1,
      )
    ).map(({ offset }) => offset),
  ).toEqual(['o9'])
  expect(gaps).toEqual([{ topic: 'invoices', after: 'o1' }])
})

test('a stream whose place is older than the retention ends before anything is handed out', async () => {
  await using server = await scripted(sse(`event: clamped\ndata: {}\n\nid: t9\ndata: ${event('o9')}\n\n`))
  const stream = new Tidings({ url: server.url }).stream({ lastEventId: 't1' })
  await expect(take(stream, 1)).rejects.toMatchObject({ code: 'gap', gap: { after: 't1' } })
})

test('a feed keeps what is done, never what is under way', async () => {
  await using server = await scripted(page([event('o1'), event('o2'), event('o3')], 'o4'), page([event('o6')], 'o6'))
  const store = new MemoryCheckpointStore()
  const clock = quickClock()
  const feed = (everyEvents: number) =>
    new Tidings({ url: server.url, clock }).feed('invoices', {
      after: 'o0',
      checkpoint: { store, name: 'books', everyEvents },
    })
  const kept: (string | undefined)[] = []
  for await (const { offset } of feed(1)) {
    kept.push(await store.load('books'))
    if (offset === 'o3') break
  }
  expect(kept).toEqual([undefined, 'o1', 'o2'])
  // Whoever leaves the loop has not finished the event at which it left.
  expect(await store.load('books')).toBe('o2')
  await take(feed(100), 1)
  expect(server.requests.map(({ url }) => new URL(url, server.url).searchParams.get('after'))).toEqual(['o0', 'o2'])
})

test('a feed keeps its place before it waits, though no event passed', async () => {
  await using server = await scripted(page([event('o1')], 'o4'), page([], 'o5'), page([event('o6')], 'o6'))
  const store = new MemoryCheckpointStore()
  const checkpoint = { store, name: 'books', everyMs: 1e9 }
  await take(new Tidings({ url: server.url, clock: quickClock() }).feed('invoices', { checkpoint }), 2)
  expect(await store.load('books')).toBe('o5')
})

test('what a feed answers twice is handed out once', async () => {
  await using server = await scripted(page([event('o1'), event('o2')], 'o2'), page([event('o2'), event('o3')], 'o3'))
  const feed = new Tidings({ url: server.url, clock: quickClock() }).feed('invoices')
  expect((await take(feed, 3)).map(({ offset }) => offset)).toEqual(['o1', 'o2', 'o3'])
})

test('a stream keeps the place of what is done, and goes on there', async () => {
  await using server = await scripted(
    sse(`id: t0\n\nid: t1\ndata: ${event('o1')}\n\nid: t2\ndata: ${event('o2')}\n\n`),
    sse(`event: checkpoint\nid: t8\ndata: {}\n\n`),
    sse(`id: t9\ndata: ${event('o9')}\n\n`),
  )
  const store = new MemoryCheckpointStore()
  const checkpoint = { store, name: 'books', everyEvents: 1 }
  const client = new Tidings({ url: server.url, clock: quickClock() })
  await take(client.stream({ checkpoint, lastEventId: 'first' }), 2)
  expect(await store.load('books')).toBe('t1')
  await take(client.stream({ checkpoint, lastEventId: 'first' }), 1)
  expect(await store.load('books')).toBe('t8')
  expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual(['first', 't1', 't8'])
})

test('a store that fails ends the reading with its error', async () => {
  await using server = await scripted(sse(`id: t1\ndata: ${event('o1')}\n\n`))
  const failing = { load: async () => undefined, save: () => Promise.reject(new Error('the disk is full')) }
  const stream = new Tidings({ url: server.url }).stream({ checkpoint: { store: failing, name: 'books' } })
  await expect(take(stream, 2)).rejects.toThrow('the disk is full')
})

test('a stream that is told of a drain opens the next connection while it reads the present one to its end', async () => {
  let finish = () => {}
  await using draining = await scripted(
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`id: t1\ndata: ${event('o1')}\n\nevent: draining\ndata: {}\n\n`)
      finish = () => response.end(`id: t2\ndata: ${event('o2')}\n\nid: t3\ndata: ${event('o3')}\n\n`)
    },
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      // What the former connection has still carried comes again here, and its places are behind.
      response.write(`id: t2\ndata: ${event('o2')}\n\nevent: checkpoint\nid: t2b\ndata: {}\n\n`)
      response.end(`id: t3\ndata: ${event('o3')}\n\nid: t4\ndata: ${event('o4')}\n\n`)
      finish()
    },
    sse(`id: t5\ndata: ${event('o5')}\n\n`),
  )
  const clock = quickClock()
  const kept: string[] = []
  const store = { load: async () => undefined, save: async (_name: string, place: string) => void kept.push(place) }
  const checkpoint = { store, name: 'books', everyMs: 0 }
  const stream = new Tidings({ url: draining.url, clock }).stream({ checkpoint })
  const [offsets, places]: [string[], string[]] = [[], []]
  for await (const { offset } of stream) {
    places.push(stream.lastEventId)
    if (offsets.push(offset) === 5) break
  }
  expect(offsets).toEqual(['o1', 'o2', 'o3', 'o4', 'o5'])
  expect(places).toEqual(['t1', 't2', 't3', 't4', 't5'])
  // Never one behind: after a crash what had been done would come again.
  expect(kept).toEqual(['t1', 't2', 't3', 't4'])
  expect(draining.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 't1', 't4'])
  // No pause at the handing over; one after the second connection, which ended without a word.
  expect(clock.pausesMs).toHaveLength(1)
})

test('a stream that falls silent is opened again', async () => {
  await using server = await scripted(
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`id: t1\ndata: ${event('o1')}\n\n`)
    },
    sse(`id: t2\ndata: ${event('o2')}\n\n`),
  )
  const breaks: string[] = []
  const stream = new Tidings({ url: server.url, clock: quickClock() }).stream({
    idleTimeoutMs: 100,
    onBreak: ({ message }) => breaks.push(message),
  })
  expect((await take(stream, 2)).map(({ offset }) => offset)).toEqual(['o1', 'o2'])
  expect(breaks).toEqual([expect.stringContaining('said nothing for 0.1 s')])
})

test('an answer that stops in its middle is asked for again', async () => {
  await using server = await scripted(
    (response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"events":[')
    },
    page([event('o1')], 'o1'),
  )
  const feed = new Tidings({ url: server.url, clock: quickClock(), timeoutMs: 200 }).feed('invoices')
  expect((await take(feed, 1)).map(({ offset }) => offset)).toEqual(['o1'])
})

test('an abort ends a stream with its reason', async () => {
  await using server = await scripted((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`id: t1\ndata: ${event('o1')}\n\n`)
  })
  const stop = new AbortController()
  const seen = (async () => {
    for await (const _ of new Tidings({ url: server.url }).stream({ signal: stop.signal }))
      stop.abort(new Error('enough'))
  })()
  await expect(seen).rejects.toThrow('enough')
})

test('lines are published as they come, and answered in their order', async () => {
  const place = (id: string) => ({ id, topic: 'invoices', offset: id, duplicate: false })
  await using server = await scripted((response, request) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    let rest = ''
    request.on('data', (chunk) => {
      rest += chunk
      const lines = rest.split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const { id } = JSON.parse(line) as { id: string }
        response.write(
          `${JSON.stringify(id === 'bad' ? { error: { code: 'invalid_event', detail: 'no' } } : place(id))}\n`,
        )
      }
    })
    request.on('end', () => response.end())
  })
  const answers: string[] = []
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  async function* events() {
    yield { tenantId: 1, type: 'invoice.updated', id: 'one' }
    yield '{"id":\n"bad"}'
    // The second half is only there once the first one has been answered.
    await released
    yield Buffer.from('{"id":"three"}')
  }
  for await (const result of new Tidings({ url: server.url }).publishStream(events())) {
    answers.push(`${result.line} ${result.ok ? result.event.id : result.error.code}`)
    if (result.line === 2) release()
  }
  expect(answers).toEqual(['1 one', '2 invalid_event', '3 three'])
})

test('the error of a refused line says why', async () => {
  const faults = [
    { pointer: '/tenantId', code: 'minimum', detail: 'must be at least 1' },
    { pointer: '', code: 'unknown_field', detail: 'has no type' },
  ]
  const answers = [
    { code: 'invalid_event', detail: 'This line was not published.', errors: faults },
    { code: 'storage_unavailable', detail: 'The disk is full.' },
  ]
  await using server = await scripted((response) => {
    response.end(answers.map((error) => `${JSON.stringify({ error })}\n`).join(''))
  })
  const results = await Array.fromAsync(new Tidings({ url: server.url }).publishStream(['{}', '{}']))
  const errors = results.map((result) => (result.ok ? undefined : result.error))
  expect(errors.map((error) => error?.message)).toEqual([
    'line 1: /tenantId must be at least 1; has no type',
    'line 2: The disk is full.',
  ])
  expect(errors[0]).toBeInstanceOf(RefusedLineError)
  expect(errors[0]).toMatchObject({ code: 'invalid_event', line: 1, errors: faults })
  expect(JSON.parse(JSON.stringify(errors[0]))).toEqual(answers[0])
})

test('a stream of lines that the server breaks off says after which one', async () => {
  await using server = await scripted((response, request) => {
    request.once('data', () => response.end('{"id":"one","topic":"t","offset":"o","duplicate":false}\n'))
  })
  const results: number[] = []
  const publishing = (async () => {
    for await (const { line } of new Tidings({ url: server.url }).publishStream(['{"id":"one"}', '{"id":"two"}']))
      results.push(line)
  })()
  await expect(publishing).rejects.toMatchObject({ code: 'unreachable' })
  expect(results).toEqual([1])
})

test('an error of the source is the error', async () => {
  await using server = await scripted((response, request) => {
    request.on('error', () => {})
    request.resume()
    response.writeHead(200).flushHeaders()
  })
  // biome-ignore lint/correctness/useYield: it fails before it yields.
  async function* events(): AsyncGenerator<string> {
    throw new Error('the file is gone')
  }
  await expect(take(new Tidings({ url: server.url }).publishStream(events()), 1)).rejects.toThrow('the file is gone')
})

test('the topics are a list', async () => {
  await using server = await scripted(json({ items: [{ topic: 'invoices' }], next: null }))
  expect(await new Tidings({ url: server.url }).topics()).toEqual([{ topic: 'invoices' }])
})

test('a series is asked for by what it tells of', async () => {
  const answer = { stepSeconds: 60, from: '2026-01-01T00:00:00Z', points: [1, null] }
  await using server = await scripted(json(answer))
  const question = { metric: 'deliveries', outcome: 'failed', subscription: 'sub_1' } as const
  expect(await new Tidings({ url: server.url }).series(question)).toEqual(answer)
  expect(server.requests[0]!.url).toBe('/v1/series?metric=deliveries&outcome=failed&subscription=sub_1')
})
