import { expect, test } from 'vitest'
import { RefusedLineError } from './errors.ts'
import { hangUp, json, problem, quickClock, scripted, sse } from './http-fixture.ts'
import { Tidings } from './tidings.ts'

const event = (offset: string, more = '') =>
  `{"type":"invoice.updated","tenantId":1,"topic":"invoices","offset":"${offset}"${more}}`
const page = (events: readonly string[], next: string) => (response: import('node:http').ServerResponse) => {
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
  const notices: string[] = []
  const clock = quickClock()
  const stream = new Tidings({ url: server.url, clock }).stream({
    topics: ['invoices', 'customers'],
    since: '2026-01-31T12:00:00Z',
    onBreak: ({ message }) => breaks.push(message),
    onNotice: (name) => notices.push(name),
  })
  expect((await take(stream, 2)).map(({ offset }) => offset)).toEqual(['o1', 'o10'])
  expect(stream.lastEventId).toBe('t10')
  expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 't9', 't9'])
  // A time is where the first one begins; later ones go on from the token.
  expect(server.requests.map(({ url }) => url.includes('since='))).toEqual([true, false, false])
  expect(breaks).toEqual(['the stream ended', 'about shutting_down'])
  expect(notices).toEqual(['clamped'])
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
