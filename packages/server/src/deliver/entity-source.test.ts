import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseEntityUrl } from '../core/address/entity-url.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { ManualClock } from '../core/time/clock.ts'
import { createEntityFetch } from '../send/entity-fetch.ts'
import { EntitySources } from './entity-source.ts'

interface Application {
  readonly url: string
  readonly requests: IncomingMessage[]
  /** How it answers from now on; by default with `{"id":<the last part of the path>}`. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
}

async function startApplication(): Promise<Application> {
  const application: Application = {
    url: '',
    requests: [],
    answer: (request, response) => response.end(`{ "id": "${request.url!.split('/').at(-1)}" }`),
  }
  const server = createServer((request, response) => {
    application.requests.push(request)
    application.answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return Object.assign(application, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

async function start(more: { cacheMs?: number; timeoutMs?: number; url?: string } = {}) {
  const application = await startApplication()
  const clock = new ManualClock()
  const parsed = parseEntityUrl(`${more.url ?? application.url}/{tenantId}/invoices/{entityId}`)
  if (!parsed.ok) throw new Error(parsed.detail)
  const outcomes: string[] = []
  const sources = new EntitySources({
    sources: new Map([
      [
        'invoice',
        {
          template: parsed.template,
          headers: { Authorization: 'Bearer own' },
          timeoutMs: more.timeoutMs ?? 5_000,
          cacheMs: more.cacheMs ?? 1_000,
        },
      ],
    ]),
    fetch: createEntityFetch(),
    clock,
    observe: (entity, answer) =>
      outcomes.push(answer.kind === 'unavailable' ? answer.reason : `${entity} ${answer.kind}`),
  })
  onTestFinished(() => sources.close())
  const event = (given: Partial<StoredEvent> = {}): StoredEvent => ({
    partition: 0,
    position: 1,
    topic: 'invoices',
    tenantId: 7,
    type: 'invoice.updated',
    entityKey: '3817',
    isQuiet: false,
    appendedAtMs: clock.now() - 1,
    head: '',
    tail: '',
    ...given,
  })
  return { application, clock, sources, outcomes, event }
}

test('the entity is the JSON that the application serves, every digit of it', async () => {
  const { application, sources, event, outcomes } = await start()
  application.answer = (_request, response) =>
    response.end('{ "total" : 12345678901234567.890,\n"id":20250206211528366 }')
  expect(await sources.entityOf(event({ entityKey: 'a/../b ?' }))).toBe(
    '{"total":12345678901234567.890,"id":20250206211528366}',
  )
  const [request] = application.requests
  expect([request!.method, request!.url]).toEqual(['GET', '/7/invoices/a%2F..%2Fb%20%3F'])
  expect(request!.headers).toMatchObject({ authorization: 'Bearer own', accept: 'application/json' })
  expect(outcomes).toEqual(['invoice entity'])
})

describe('what is not asked', () => {
  test.each([
    ['another kind', { type: 'contact.updated' }],
    ['what was deleted', { type: 'invoice.deleted' }],
    ['an id that would climb', { entityKey: '..' }],
  ])('%s', async (_name, given) => {
    const { application, sources, event } = await start()
    expect(sources.entityOf(event(given))).toBeNull()
    expect(application.requests).toEqual([])
  })
})

describe('answers', () => {
  const large = `{"text":"${'x'.repeat(256 * 1024)}"}`
  test.each([
    ['404', 404, '', null, 'invoice gone'],
    ['410', 410, '{}', null, 'invoice gone'],
    ['null', 200, 'null', null, 'invoice gone'],
    ['204', 204, '', undefined, 'http_204'],
    ['302', 302, '{}', undefined, 'http_302'],
    ['500', 500, '{"id":1}', undefined, 'http_500'],
    ['no JSON', 200, '<html>', undefined, 'invalid_json'],
    ['a key twice', 200, '{"a":1,"a":2}', undefined, 'invalid_json'],
    ['an array', 200, '[]', undefined, 'no_object'],
    ['too much', 200, large, undefined, 'too_long'],
  ])('%s', async (_name, status, body, entity, outcome) => {
    const { application, sources, event, outcomes } = await start()
    application.answer = (_request, response) => response.writeHead(status, { location: '/other' }).end(body)
    expect(await sources.entityOf(event())).toBe(entity)
    expect(outcomes).toEqual([outcome])
    expect(application.requests).toHaveLength(1)
  })

  test('bytes that are no UTF-8', async () => {
    const { application, sources, event } = await start()
    application.answer = (_request, response) => response.end(Buffer.from('{"a":"\xff"}', 'latin1'))
    expect(await sources.entityOf(event())).toBeUndefined()
  })

  test('none in time', async () => {
    const { application, sources, event, outcomes } = await start({ timeoutMs: 100 })
    application.answer = () => {}
    expect(await sources.entityOf(event())).toBeUndefined()
    application.answer = (_request, response) => response.write('{"id":')
    expect(await sources.entityOf(event())).toBeUndefined()
    expect(outcomes).toEqual(['timeout', 'timeout'])
  })

  test('nobody there', async () => {
    const { sources, event, outcomes } = await start({ url: 'http://127.0.0.1:1' })
    expect(await sources.entityOf(event())).toBeUndefined()
    expect(outcomes).toEqual(['econnrefused'])
  })
})

describe('one question at a time', () => {
  test('serves all whose events it is younger than; the others wait for one more', async () => {
    const { application, clock, sources, event } = await start({ cacheMs: 0 })
    const waiting: ServerResponse[] = []
    let asked = () => {}
    const question = () => new Promise<void>((resolve) => (asked = resolve))
    application.answer = (_request, response) => {
      waiting.push(response)
      asked()
    }
    let next = question()
    const early = [sources.entityOf(event()), sources.entityOf(event())]
    await next
    await clock.advance(10)
    // Its event came after the question: the answer may be of before.
    const late = [sources.entityOf(event()), sources.entityOf(event())]
    const other = sources.entityOf(event({ appendedAtMs: clock.now() - 11 }))
    next = question()
    waiting[0]!.end('{"version":1}')
    expect(await Promise.all([...early, other])).toEqual(['{"version":1}', '{"version":1}', '{"version":1}'])
    await next
    waiting[1]!.end('{"version":2}')
    expect(await Promise.all(late)).toEqual(['{"version":2}', '{"version":2}'])
    expect(application.requests).toHaveLength(2)
  })

  test('entities do not wait for each other', async () => {
    const { application, sources, event } = await start()
    application.answer = (request, response) => {
      if (request.url?.endsWith('/2')) response.end('{}')
    }
    void sources.entityOf(event({ entityKey: '1' }))
    expect(await sources.entityOf(event({ entityKey: '2' }))).toBe('{}')
    expect(await sources.entityOf(event({ entityKey: '2', tenantId: 8 }))).toBe('{}')
  })
})

describe('an answer that is kept', () => {
  test('serves for its time', async () => {
    const { application, clock, sources, event } = await start({ cacheMs: 1_000 })
    const first = event()
    await sources.entityOf(first)
    await clock.advance(999)
    expect(await sources.entityOf(first)).toBe('{"id":"3817"}')
    expect(application.requests).toHaveLength(1)
    await clock.advance(1)
    await sources.entityOf(first)
    expect(application.requests).toHaveLength(2)
  })

  test('serves no event that came after the question', async () => {
    const { application, clock, sources, event } = await start({ cacheMs: 60_000 })
    await sources.entityOf(event())
    await sources.entityOf(event({ appendedAtMs: clock.now() }))
    expect(application.requests).toHaveLength(2)
  })

  test('is not a failure', async () => {
    const { application, sources, event } = await start({ cacheMs: 60_000 })
    application.answer = (_request, response) => response.writeHead(500).end()
    await sources.entityOf(event())
    application.answer = (_request, response) => response.end('{}')
    expect(await sources.entityOf(event())).toBe('{}')
  })

  test('is one of a thousand at most', async () => {
    const { application, sources, event } = await start({ cacheMs: 60_000 })
    for (let id = 0; id <= 1_000; id++) await sources.entityOf(event({ entityKey: `e${id}` }))
    await sources.entityOf(event({ entityKey: 'e1' }))
    expect(application.requests).toHaveLength(1_001)
    await sources.entityOf(event({ entityKey: 'e0' }))
    expect(application.requests).toHaveLength(1_002)
  })
})

test('an application that keeps failing is left alone for a while', async () => {
  const { application, clock, sources, event } = await start()
  application.answer = (_request, response) => response.writeHead(503).end()
  for (let count = 0; count < 5; count++) expect(await sources.entityOf(event())).toBeUndefined()
  expect(sources.entityOf(event())).toBeNull()
  await clock.advance(5_000)
  expect(await sources.entityOf(event())).toBeUndefined()
  expect(sources.entityOf(event())).toBeNull()
  await clock.advance(5_000)
  application.answer = (_request, response) => response.end('{}')
  expect(await sources.entityOf(event())).toBe('{}')
  application.answer = (_request, response) => response.writeHead(503).end()
  await clock.advance(5_000)
  expect(await sources.entityOf(event())).toBeUndefined()
  expect(await sources.entityOf(event())).toBeUndefined()
  expect(application.requests).toHaveLength(9)
})
