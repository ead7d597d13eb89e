import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersTo, RawConnection } from './raw.ts'
import { adminKey, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const auth = `Authorization: Bearer ${adminKey}`
const json = 'Content-Type: application/json'

/** The server refuses, closes, and takes no second request for what came after. */
async function expectRefused(bytes: string | Buffer, status: number) {
  const answers = await answersTo(world.port, bytes)
  expect(answers.map((answer) => answer.status)).toEqual([status])
  expect(answers[0]!.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(JSON.parse(answers[0]!.body)).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) })
}

const smuggled = 'POST /v1/tenants HTTP/1.1\r\nHost: x\r\n'

describe('H38 the length of a body is given in one way, and rightly', () => {
  test.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 5', '{}'],
    ['two equal lengths', 'Content-Length: 2\r\nContent-Length: 2', '{}'],
    ['two lengths in one line', 'Content-Length: 2, 5', '{}'],
    ['a space before the colon', 'Transfer-Encoding : chunked', '0\r\n\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked', '0\r\n\r\n'],
    ['chunked, but not last', 'Transfer-Encoding: chunked, identity', '0\r\n\r\n'],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['a plus', 'Content-Length: +5', '{}   '],
    ['hexadecimal', 'Content-Length: 0x5', '{}   '],
    ['negative', 'Content-Length: -1', '{}'],
    ['a number beyond all', 'Content-Length: 99999999999999999999', '{}'],
    ['a chunk size that is no number', 'Transfer-Encoding: chunked', 'x\r\n\r\n0\r\n\r\n'],
  ])('%s', async (_, headers, body) => {
    const admin = `GET /v1/tenants HTTP/1.1\r\nHost: x\r\n${auth}\r\n\r\n`
    const answers = await answersTo(world.port, `${smuggled}${auth}\r\n${json}\r\n${headers}\r\n\r\n${body}${admin}`)
    expect(answers.map(({ status }) => status)).toEqual([400])
  })
})

test('H39 a request names its host', async () => {
  await expectRefused('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', 400)
  await expectRefused('GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', 400)
  const [old] = await answersTo(world.port, 'GET /livez HTTP/1.0\r\n\r\n')
  expect(old?.status).toBe(200)
})

test.each([
  ['GET http://evil/livez', 200],
  ['GET https://evil/v1/tenants', 401],
  ['OPTIONS *', 204],
  ['GET ftp://evil/livez', 400],
  ['GET livez', 400],
])('H41 a target that names another server is answered by this one, and reaches no other: %s', async (line, status) => {
  const [answer] = await answersTo(world.port, `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(answer?.status).toBe(status)
})

describe('H42 what is no HTTP/1.1', () => {
  test.each<[string, string | Buffer]>([
    ['lines that end with LF alone', 'GET /livez HTTP/1.1\nHost: x\n\n'],
    ['CR alone', 'GET /livez HTTP/1.1\rHost: x\r\r'],
    ['NUL in a header', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
    ['a folded header', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n'],
    ['a header without a name', 'GET /livez HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n'],
    ['a space in the URL', 'GET /livez /x HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a control character in the URL', 'GET /live\u0001z HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['another version', 'GET /livez HTTP/3.0\r\nHost: x\r\n\r\n'],
    ['the hello of TLS', Buffer.from(`16030100a5010000a10303${'00'.repeat(160)}`, 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    await expectRefused(bytes, 400)
  })
})

describe('H43 large heads', () => {
  const close = 'Connection: close\r\n'
  test.each([
    ['a header of 17 KB', `GET /livez HTTP/1.1\r\nHost: x\r\n${close}X: ${'a'.repeat(17_000)}\r\n\r\n`],
    ['1,500 headers', `GET /livez HTTP/1.1\r\nHost: x\r\n${close}${'a: b\r\n'.repeat(1_500)}\r\n`],
  ])('%s', async (_, bytes) => {
    await expectRefused(bytes, 431)
  })
})

describe('H68 many requests on one connection', () => {
  test('1,000 at once are answered, each, in order', async () => {
    const connection = new RawConnection(world.port)
    const request = (index: number) => `GET /nothing/${index} HTTP/1.1\r\nHost: x\r\n\r\n`
    connection.write(Array.from({ length: 999 }, (_, index) => request(index)).join(''))
    connection.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    for (let index = 0; index < 999; index++) expect((await connection.answer())?.status).toBe(404)
    expect((await connection.answer())?.status).toBe(200)
    await connection.closed()
  })

  test('no connection is for ever', async () => {
    const connection = new RawConnection(world.port)
    connection.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10_100))
    let answered = 0
    for (let answer = await connection.answer(); answer; answer = await connection.answer()) {
      if (answer.status === 200) answered += 1
    }
    expect(answered).toBe(10_000)
  })
})
