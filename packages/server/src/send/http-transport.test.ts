import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { version } from '../process/version.ts'
import { answer, loopbackPolicy, post, startReceiver, startTransport } from './fixtures/receiver.ts'

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())))

describe('an ordinary exchange', () => {
  it('sends the request as it was given, and reports the answer', async () => {
    const receiver = await startReceiver({
      onRequest: (socket) => socket.write(answer(202, 'grüß', ['Retry-After: 30', 'X-A: 1', 'X-a: 2'])),
    })
    const result = await startTransport().send(
      post(`${receiver.url}/ä?b=c`, {
        headers: [
          ['webhook-id', 'dlv_1'],
          ['X-Own', 'ö'],
          ['Host', 'a'],
          ['Accept-Encoding', 'gzip'],
        ],
      }),
    )
    expect(receiver.requests).toEqual([
      [
        'POST /hook/%C3%A4?b=c HTTP/1.1',
        `host: 127.0.0.1:${receiver.port}`,
        'connection: keep-alive',
        'webhook-id: dlv_1',
        'X-Own: ö',
        `user-agent: Tidings/${version}`,
        'accept-encoding: identity',
        'content-length: 7',
        '',
        '{"a":1}',
      ].join('\r\n'),
    ])
    expect(result).toEqual({
      status: 202,
      error: null,
      body: 'grüß',
      retryAfter: '30',
      headers: { 'content-length': '6', 'retry-after': '30', 'x-a': '1, 2' },
      durationMs: expect.any(Number),
      timing: {
        dnsMs: expect.any(Number),
        connectMs: expect.any(Number),
        tlsMs: null,
        firstByteMs: expect.any(Number),
      },
      isCutShort: false,
    })
  })

  it('says what the time went into: opening a connection once, and what was not reached not at all', async () => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200, '')) })
    const transport = startTransport()
    const first = await transport.send(post(receiver.url))
    const { dnsMs, connectMs, tlsMs, firstByteMs } = first.timing
    expect([dnsMs, connectMs, tlsMs, firstByteMs].map((ms) => ms !== null && ms >= 0)).toEqual([
      true,
      true,
      false,
      true,
    ])
    // Each is rounded by itself.
    expect(dnsMs! + connectMs! + firstByteMs!).toBeLessThanOrEqual(first.durationMs + 2)
    const kept = await transport.send(post(receiver.url))
    expect(kept.timing).toEqual({ dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: expect.any(Number) })
    const forbidden = await transport.send(post('http://10.0.0.1/'))
    expect(forbidden.timing).toEqual({ dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null })
    const silent = await startReceiver({ onRequest: (socket) => socket.destroy() })
    const cut = await transport.send(post(silent.url))
    expect(cut).toMatchObject({ status: null, timing: { connectMs: expect.any(Number), firstByteMs: null } })
  })

  it('takes a receiver’s word for how long it keeps a connection', async () => {
    const receiver = await startReceiver({
      onRequest: (socket) => socket.write(answer(200, '', ['Keep-Alive: timeout=1, max=100'])),
    })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    expect(transport.idleCount).toBe(0)
    await closed(receiver.sockets[0]!)
  })

  it('uses one connection for one request after the other', async () => {
    const receiver = await startReceiver({
      onRequest: (socket, _request, count) => socket.write(answer(200, `${count}`)),
    })
    const transport = startTransport()
    for (const body of ['1', '2', '3'])
      expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, body })
    expect(receiver.sockets).toHaveLength(1)
    expect([transport.activeCount, transport.idleCount]).toEqual([0, 1])
  })

  it('sends bytes, empty bodies and no body', async () => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(204)) })
    const transport = startTransport()
    await transport.send(post(receiver.url, { body: new Uint8Array([123, 125]) }))
    await transport.send(post(receiver.url, { body: '' }))
    await transport.send(post(receiver.url, { body: null }))
    await transport.send(post(receiver.url, { method: 'GET', body: null }))
    await transport.send(post(receiver.url, { method: 'OPTIONS', body: null }))
    expect(
      receiver.requests.map((request) => [request.split(' ')[0], /content-length: (\d)/.exec(request)?.[1]]),
    ).toEqual([
      ['POST', '2'],
      ['POST', '0'],
      ['POST', '0'],
      ['GET', undefined],
      ['OPTIONS', undefined],
    ])
  })

  it('opens a new connection when the idle one was closed, without failing the attempt', async () => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200)) })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    const first = receiver.sockets[0]!
    first.end()
    await closed(first)
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200 })
    expect(receiver.sockets).toHaveLength(2)
  })

  it('rejects for headers that cannot be written, which are the caller’s fault', async () => {
    const receiver = await startReceiver({})
    const transport = startTransport()
    await expect(transport.send(post(receiver.url, { headers: [['x', 'a\r\nb: c']] }))).rejects.toThrow(
      'invalid x header',
    )
    expect(transport.activeCount).toBe(0)
  })

  it('waits on close for what is under way, and takes no more', async () => {
    let release = () => {}
    const receiver = await startReceiver({
      onRequest: (socket) => {
        release = () => socket.write(answer(200))
      },
    })
    const transport = startTransport()
    const sending = transport.send(post(receiver.url))
    await expect.poll(() => receiver.requests.length).toBe(1)
    const closing = transport.close()
    await expect(transport.send(post(receiver.url))).rejects.toThrow('closed')
    release()
    expect(await sending).toMatchObject({ status: 200 })
    await closing
    await closed(receiver.sockets[0]!)
    expect(transport.idleCount).toBe(0)
  })
})

describe('answers that are kept in bounds', () => {
  const limits = { bodyMs: 150 }

  it('R09: a dripping body does not hold the attempt', async () => {
    const receiver = await startReceiver({
      onRequest(socket) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n')
        const drip = setInterval(() => socket.write('x'), 20)
        socket.on('close', () => clearInterval(drip))
      },
    })
    const transport = startTransport({ limits })
    const result = await transport.send(post(receiver.url))
    expect(result).toMatchObject({ status: 200, error: null, body: expect.stringMatching(/^x*$/) })
    await closed(receiver.sockets[0]!)
    expect(transport.idleCount).toBe(0)
  })

  it.each([
    ['R10 without length', '\r\n\r\n', 'y'.repeat(4096)],
    ['R11 chunked', '\r\ntransfer-encoding: chunked\r\n\r\n', `1000\r\n${'y'.repeat(4096)}\r\n`],
  ])('%s: an endless body is cut', async (_case, headers, piece) => {
    const receiver = await startReceiver({
      onRequest(socket) {
        socket.write(`HTTP/1.1 200 OK${headers}`)
        const pour = () => {
          while (!socket.destroyed && socket.write(piece));
        }
        socket.on('drain', pour)
        pour()
      },
    })
    const transport = startTransport()
    const result = await transport.send(post(receiver.url))
    expect(result).toMatchObject({ status: 200, error: null, isCutShort: true })
    expect(result.body).toBe('y'.repeat(16 * 1024))
    await closed(receiver.sockets[0]!)
    expect(transport.idleCount).toBe(0)
  })

  it('R18: a chunk extension without end is a slow body', async () => {
    const receiver = await startReceiver({
      onRequest(socket) {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=')
        const drip = setInterval(() => socket.write('b'.repeat(1000)), 5)
        socket.on('close', () => clearInterval(drip))
      },
    })
    const result = await startTransport({ limits }).send(post(receiver.url))
    expect(result).toMatchObject({ status: 200, error: null, body: '' })
    await closed(receiver.sockets[0]!)
  })

  it.each([
    ['a length', 'content-length: 10\r\n\r\nabc'],
    ['a length, and closing', 'connection: close\r\ncontent-length: 10\r\n\r\nabc'],
    ['chunks', 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\n'],
    ['chunks, and closing', 'connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\n'],
    ['neither', '\r\nabc'],
  ])('a body cut short keeps its status: by %s', async (_case, rest) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.end(`HTTP/1.1 500 X\r\n${rest}`) })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: 500, error: null, body: 'abc' })
  })

  it('R20: one header of a mebibyte', async () => {
    const receiver = await startReceiver({
      onRequest: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1024 * 1024)}\r\n\r\n`),
    })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: null, error: 'headers_too_large' })
  })

  it('R21: 1,200 small headers are taken, 32 of them kept, and Retry-After found among the rest', async () => {
    const many = Array.from({ length: 1200 }, (_, i) => `X-Header-${i}: value ${i}`)
    const receiver = await startReceiver({
      onRequest: (socket) => socket.write(answer(503, '', [...many, 'Retry-After: 7'])),
    })
    const result = await startTransport().send(post(receiver.url))
    expect(result).toMatchObject({ status: 503, error: null, retryAfter: '7' })
    expect(Object.keys(result.headers)).toHaveLength(32)
  })

  it('keeps 4 KiB of headers, and no name that means something to JavaScript', async () => {
    const headers = [
      '__proto__: a',
      '__proto__: b',
      'constructor: c',
      ...Array.from({ length: 9 }, (_, i) => `x${i}: ${'v'.repeat(1000)}`),
    ]
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200, '', headers)) })
    const result = await startTransport().send(post(receiver.url))
    expect(result.status).toBe(200)
    expect(Object.keys(result.headers)).toEqual(['content-length', 'constructor', 'x0', 'x1', 'x2', 'x3'])
  })

  it('R28: a compressed answer is said to be compressed, and not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const receiver = await startReceiver({
      onRequest(socket) {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`)
        socket.write(bomb)
      },
    })
    const result = await startTransport().send(post(receiver.url))
    expect(result).toMatchObject({ status: 200, error: null })
    expect(result.body).toContain('compressed (gzip)')
    expect(receiver.requests[0]).toContain('\r\naccept-encoding: identity\r\n')
  })

  it('decodes the kept beginning by its charset', async () => {
    const receiver = await startReceiver({
      onRequest: (socket) =>
        socket.write(
          'HTTP/1.1 400 X\r\ncontent-type: text/plain; charset=latin1\r\ncontent-length: 4\r\n\r\ngr\xfc\xdf',
          'latin1',
        ),
    })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: 400, body: 'grüß' })
  })

  it('R44: nothing of one answer shows in the next request', async () => {
    const headers = [
      'Set-Cookie: a=b',
      'Link: </x>; rel=preload',
      'Strict-Transport-Security: max-age=9',
      'Alt-Svc: h2=":1"',
      'Location: /x',
    ]
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200, '', headers)) })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    await transport.send(post(receiver.url))
    expect(receiver.requests[1]).toBe(receiver.requests[0])
  })
})

describe('answers that are not HTTP', () => {
  it.each([
    ['R15 both lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['R15 the other way round', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n'],
    ['R15 with length zero', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nab'],
    ['R22 garbage', 'hello there\r\n\r\n'],
    ['R22 TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['R22 HTTP/0.9', '<html>hello</html>'],
    ['R22 HTTP/9.9', 'HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/2', '\x00\x00\x12\x04\x00\x00\x00\x00\x00'],
    [
      'R25 switching protocols',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    ],
    ['R25 without saying to what', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a status under 100', 'HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 X\r\ncontent-length: 0\r\n\r\n'],
    ['a header with a NUL', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
  ])('%s', async (_case, bytes) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(bytes, 'latin1') })
    const transport = startTransport()
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: null, error: 'invalid_http', body: null })
    await closed(receiver.sockets[0]!)
    expect(transport.idleCount).toBe(0)
  })

  it.each([
    ['R16 a bad chunk size', 'xyz\r\n'],
    ['R16 a chunk size over 2^64', 'fffffffffffffffff\r\n'],
    ['a chunk longer than it said', '2\r\nabcd\r\n'],
  ])('%s after the status changes nothing in it', async (_case, chunk) => {
    const receiver = await startReceiver({
      onRequest: (socket) => socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n${chunk}`),
    })
    const transport = startTransport()
    expect(await transport.send(post(receiver.url))).toMatchObject({
      ...{ status: 200, error: null, isCutShort: true },
      body: expect.stringMatching(/^abc/),
    })
    await closed(receiver.sockets[0]!)
    expect(transport.idleCount).toBe(0)
  })

  it.each([600, 999])('R24: status %i is a status', async (status) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(status)) })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status, error: null })
  })

  it.each([
    ['an unasked 100', `HTTP/1.1 100 Continue\r\n\r\n${answer(200, 'ok')}`],
    ['padded chunk sizes', 'HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n002  \r\nok\r\n0 \r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 X\ncontent-length: 2\n\nok'],
  ])('%s is odd but right, and the connection is used again', async (_case, bytes) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(bytes) })
    const transport = startTransport()
    for (let round = 0; round < 2; round++) {
      expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, error: null, body: 'ok' })
    }
    expect(receiver.sockets).toHaveLength(1)
  })

  it('skips interim answers', async () => {
    const receiver = await startReceiver({
      onRequest: (socket) =>
        socket.write(`HTTP/1.1 102 X\r\n\r\nHTTP/1.1 103 X\r\nlink: <a>\r\n\r\n${answer(200, 'ok')}`),
    })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: 200, error: null, body: 'ok' })
  })

  it.each(['in one piece', 'a moment later'])('R13: bytes after the end, %s, are nobody’s answer', async (when) => {
    const receiver = await startReceiver({
      onRequest(socket, _request, count) {
        const forged = answer(500, 'forged')
        if (when === 'in one piece') socket.write(`${answer(200, `${count}`)}${forged}`)
        else socket.write(answer(200, `${count}`), () => setImmediate(() => socket.write(forged)))
      },
    })
    const transport = startTransport()
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, body: '1' })
    await closed(receiver.sockets[0]!)
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, body: '2' })
    expect(receiver.sockets).toHaveLength(2)
  })
})

describe('redirects', () => {
  it.each([
    ['R30 301', 301, 'Location: /other'],
    ['R30 302', 302, 'Location: http://169.254.169.254/latest/meta-data'],
    ['S168 303', 303, 'Location: http://127.0.0.1/'],
    ['R30 307', 307, 'Location: /hook'],
    ['R30 308', 308, 'Location: /hook'],
    ['S166 to a file', 301, 'Location: file:///etc/passwd'],
    ['S170 without scheme', 302, 'Location: //169.254.169.254/'],
    ['without a place', 300, 'X: y'],
    ['S169 by Refresh', 200, 'Refresh: 0;url=http://127.0.0.1/'],
  ])('%s is not followed', async (_case, status, header) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(status, '', [header])) })
    const result = await startTransport().send(post(receiver.url))
    expect(result).toMatchObject({ status, error: 'redirect_not_allowed' })
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('connections that fail', () => {
  it('R01: accepts and closes with no bytes', async () => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.end() })
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: null, error: 'connection_closed' })
  })

  it('R01: closes before anything, with a reset, or in the middle of the headers', async () => {
    const transport = startTransport()
    const atOnce = await startReceiver({ onConnection: (socket) => socket.destroy() })
    expect((await transport.send(post(atOnce.url))).error).toBe('connection_closed')
    const reset = await startReceiver({ onRequest: (socket) => socket.resetAndDestroy() })
    expect((await transport.send(post(reset.url))).error).toBe('connection_closed')
    const partly = await startReceiver({ onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\nx: ') })
    expect(await transport.send(post(partly.url))).toMatchObject({ status: null, error: 'connection_closed' })
  })

  const endings = [
    ['an orderly close', (socket: Socket) => socket.end()],
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
  ] as const

  it.each(endings)(
    'a kept connection that ends by %s before a byte of the answer is replaced at once',
    async (_, end) => {
      const receiver = await startReceiver({
        onRequest: (socket, _request, count) => (count === 2 ? end(socket) : socket.write(answer(200, `${count}`))),
      })
      const transport = startTransport()
      await transport.send(post(receiver.url))
      expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, error: null, body: '3' })
      expect(receiver.requests[2]).toBe(receiver.requests[1])
      expect(receiver.sockets).toHaveLength(2)
    },
  )

  it.each(endings)('a new connection that ends by %s in its place is the outcome', async (_, end) => {
    const receiver = await startReceiver({
      onRequest: (socket, _request, count) => (count === 1 ? socket.write(answer(200)) : end(socket)),
    })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: null, error: 'connection_closed' })
    expect(receiver.requests).toHaveLength(3)
  })

  it('a kept connection that is given up by a 408 is replaced at once, and a 408 on a new one is the answer', async () => {
    const receiver = await startReceiver({
      onRequest: (socket, _request, count) =>
        count === 2 || count === 4 ? socket.end(answer(408)) : socket.write(answer(200, `${count}`)),
    })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, error: null, body: '3' })
    expect(receiver.sockets).toHaveLength(2)
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ status: 408 })
    expect(receiver.requests).toHaveLength(4)
  })

  it('a kept connection that ends within the answer is not replaced', async () => {
    const receiver = await startReceiver({
      onRequest: (socket, _request, count) => (count === 1 ? socket.write(answer(200)) : socket.end('HTTP/1.1 2')),
    })
    const transport = startTransport()
    await transport.send(post(receiver.url))
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: null, error: 'connection_closed' })
    expect(receiver.requests).toHaveLength(2)
  })

  it('nobody listens', async () => {
    // Port 1 (tcpmux) is privileged and long forgotten.
    expect(await startTransport().send(post('http://127.0.0.1:1/'))).toMatchObject({ error: 'connection_refused' })
  })

  it('R35: answers before it has read the request, then resets', async () => {
    const receiver = await startReceiver({
      onConnection(socket) {
        socket.write(answer(200, 'early'), () => socket.once('readable', () => socket.resetAndDestroy()))
      },
    })
    const transport = startTransport()
    const result = await transport.send(post(receiver.url, { body: 'x'.repeat(1024 * 1024) }))
    // The reset may overtake the answer; either ending is right, waiting is not.
    expect([200, null]).toContain(result.status)
    expect(result.error).toBe(result.status === 200 ? null : 'connection_closed')
    await expect.poll(() => transport.idleCount).toBe(0)
  })

  it('leaves nothing behind after many failures', async () => {
    const receiver = await startReceiver({
      onRequest(socket, _request, count) {
        if (count % 3 === 0) socket.destroy()
        else if (count % 3 === 1) socket.write('garbage')
        else socket.write(`${answer(200)}extra`)
      },
    })
    const transport = startTransport()
    const results = await Promise.all(Array.from({ length: 300 }, () => transport.send(post(receiver.url))))
    expect(new Set(results.map((result) => result.error))).toEqual(new Set(['connection_closed', 'invalid_http', null]))
    await Promise.all(receiver.sockets.map(closed))
    expect([transport.activeCount, transport.idleCount]).toEqual([0, 0])
  })
})

describe('forbidden destinations', () => {
  it.each([
    ['a literal', (port: number) => `http://127.0.0.1:${port}/`],
    ['S177 a spelling stored before the rule', (port: number) => `http://0x7f.1:${port}/`],
    ['localhost', (port: number) => `http://localhost:${port}/`],
    ['a name', () => 'http://private.test:8080/'],
    ['an unspecified address', (port: number) => `http://0.0.0.0:${port}/`],
    ['userinfo', (port: number) => `http://a:b@127.0.0.1:${port}/`],
  ])('%s: no packet leaves', async (_case, url) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200)) })
    const policy = loopbackPolicy('10.9.8.7', { allowPorts: [receiver.port] })
    const transport = startTransport({ policy, resolver: { resolve: async () => ['127.0.0.1'] } })
    expect(await transport.send(post(url(receiver.port)))).toMatchObject({ status: null, error: 'address_forbidden' })
    expect(receiver.sockets).toHaveLength(0)
  })

  it('S162: a kept connection stays with its peer, a new one is checked again', async () => {
    const receiver = await startReceiver({
      onRequest: (socket, _request, count) => socket.write(answer(200, '', count < 2 ? [] : ['connection: close'])),
    })
    let address = '127.0.0.1'
    const policy = loopbackPolicy('127.0.0.1', { allowPorts: [receiver.port] })
    const transport = startTransport({ policy, resolver: { resolve: async () => [address] } })
    const request = post(`http://pooled.test:${receiver.port}/`)
    expect(await transport.send(request)).toMatchObject({ status: 200 })
    address = '10.0.0.1'
    expect(await transport.send(request)).toMatchObject({ status: 200 })
    await closed(receiver.sockets[0]!)
    expect(await transport.send(request)).toMatchObject({ error: 'address_forbidden' })
    expect(receiver.sockets).toHaveLength(1)
  })

  it('tries the other addresses of a name', async () => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200)) })
    const policy = loopbackPolicy('127.0.0.0/8', { allowPorts: [receiver.port] })
    const transport = startTransport({ policy, resolver: { resolve: async () => ['127.0.0.2', '127.0.0.1'] } })
    expect(await transport.send(post(`http://two.test:${receiver.port}/`))).toMatchObject({ status: 200 })
  })

  it('S173: the environment’s proxy is not used', async () => {
    const proxy = await startReceiver({ onRequest: (socket) => socket.write(answer(200, 'proxy')) })
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(answer(200, 'receiver')) })
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) {
      const before = process.env[name]
      process.env[name] = `http://127.0.0.1:${proxy.port}`
      onTestFinished(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
    }
    expect(await startTransport().send(post(receiver.url))).toMatchObject({ body: 'receiver' })
    expect(proxy.sockets).toHaveLength(0)
  })
})
