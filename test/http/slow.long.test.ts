import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawConnection } from './raw.ts'
import { adminKey, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const head = `POST /v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminKey}\r\nContent-Type: application/json\r\n`
const events = head.replace('/v1/tenants', '/v1/events')

/** A byte now and then, until the server has had enough. */
function drip(connection: RawConnection, text: string): () => void {
  const timer = setInterval(() => connection.write(text), 500)
  return () => clearInterval(timer)
}

describe.concurrent('what comes too slowly', () => {
  test.each([
    ['H45 no byte of the head', '', ''],
    ['H45 a head that does not end', 'GET /livez HTTP/1.1\r\nHost: x\r\n', ''],
    ['H45 a head that drips', 'GET /livez HTTP/1.1\r\nHost: x\r\n', 'X: a\r\n'],
    ['H46 no byte of the body', `${head}Content-Length: 100\r\n\r\n`, ''],
    ['H46 a body that drips', `${head}Content-Length: 10000\r\n\r\n`, ' '],
    ['H46 chunks that drip', `${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    ['H46 events that drip', `${events}Content-Length: 10000\r\n\r\n`, ' '],
  ])('%s', { timeout: 60_000 }, async (_, bytes, more) => {
    const connection = new RawConnection(world.port)
    if (bytes !== '') connection.write(bytes)
    const stop = more === '' ? () => {} : drip(connection, more)
    try {
      const answer = await connection.answer()
      // A connection on which nothing was ever asked may end without an answer.
      if (bytes !== '' || answer) expect(answer?.status).toBe(408)
      await connection.closed()
    } finally {
      stop()
    }
  })
})
