import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { constants, createGzip, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminKey, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const event = (entityId: string) => ({ tenantId: 101, type: 'invoice.updated', entityId })
const lines = (...entityIds: string[]) => entityIds.map((id) => `${JSON.stringify(event(id))}\n`).join('')

async function post(body: Buffer, type: string, encoding = 'gzip') {
  const response = await fetch(`http://127.0.0.1:${world.port}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': type, 'content-encoding': encoding },
    body: new Uint8Array(body),
  })
  return { status: response.status, text: await response.text() }
}

const json = 'application/json'
const ndjson = 'application/x-ndjson'
const results = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('gzip', () => {
  test.each(['gzip', 'x-gzip', 'GZIP'])('one event and an array: %s', async (encoding) => {
    const one = await post(gzipSync(JSON.stringify(event('1'))), json, encoding)
    expect([one.status, JSON.parse(one.text).events.length]).toEqual([201, 1])
    const several = await post(gzipSync(JSON.stringify([event('2'), event('3')])), json, encoding)
    expect([several.status, JSON.parse(several.text).events.length]).toEqual([201, 2])
  })

  test('NDJSON, with a line of faults among the others', async () => {
    const { status, text } = await post(gzipSync(`${lines('1', '2')}{"no":1}\n${lines('3')}`), ndjson)
    expect(status).toBe(200)
    expect(results(text).map((result) => ('error' in result ? result.error.code : 'published'))).toEqual([
      'published',
      'published',
      'invalid_event',
      'published',
    ])
  })

  test('NDJSON whose lines are answered while the request is open', async () => {
    const sent = request({
      port: world.port,
      method: 'POST',
      path: '/v1/events',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': ndjson, 'content-encoding': 'gzip' },
    })
    const gzip = createGzip()
    gzip.pipe(sent)
    const write = (text: string) => {
      gzip.write(text)
      gzip.flush(constants.Z_SYNC_FLUSH)
    }
    write(lines('1'))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const answers = createInterface({ input: response })[Symbol.asyncIterator]()
    expect(JSON.parse((await answers.next()).value ?? '')).toMatchObject({ topic: 'invoices' })
    write(lines('2'))
    expect(JSON.parse((await answers.next()).value ?? '')).toMatchObject({ topic: 'invoices' })
    gzip.end()
    expect((await answers.next()).done).toBe(true)
  })

  test('what is cut off, has something behind its end, or is no gzip is refused whole', async () => {
    const whole = gzipSync(JSON.stringify(event('refused')))
    for (const body of [whole.subarray(0, -4), Buffer.concat([whole, Buffer.from('junk')]), Buffer.from('{}')]) {
      const { status, text } = await post(body, json)
      expect([status, JSON.parse(text).code]).toEqual([400, 'malformed_request'])
    }
    const feed = await world.call('GET', '/v1/topics/invoices/events?limit=1000', `Bearer ${adminKey}`)
    expect(feed.text).not.toContain('refused')
  })

  test('NDJSON that is cut off: lines that were whole are published, the rest is told', async () => {
    const whole = gzipSync(lines('4', '5', '6'), { level: 0 })
    const { status, text } = await post(whole.subarray(0, whole.length - 30), ndjson)
    expect(status).toBe(200)
    expect(results(text).map((result) => ('error' in result ? result.error.code : 'published'))).toEqual([
      'published',
      'published',
      'malformed_request',
    ])
  })

  test('a line is as long as it inflates to, and stops no other', async () => {
    const long = `{"tenantId":101,"type":"invoice.updated","entityId":"${'x'.repeat(1024 * 1024)}"}\n`
    const { text } = await post(gzipSync(lines('7') + long + lines('8')), ndjson)
    expect(results(text).map((result) => ('error' in result ? result.error.errors[0].code : 'published'))).toEqual([
      'published',
      'too_large',
      'published',
    ])
  })

  test('a key is asked for before anything is inflated', async () => {
    const response = await fetch(`http://127.0.0.1:${world.port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': json, 'content-encoding': 'gzip' },
      body: 'no gzip',
    })
    expect(response.status).toBe(401)
  })
})
