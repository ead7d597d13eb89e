import { describe, expect, it } from 'vitest'
import { fillQueue, startDeafListener } from './fixtures/deaf-listener.ts'
import { answer, loopbackPolicy, post, startReceiver, startTransport } from './fixtures/receiver.ts'
import { sendQueues } from './socket/kernel-queue.ts'

/** Long enough for a busy machine to connect in, short enough to wait for. */
const timeoutMs = 1_000

describe('every phase has its deadline', () => {
  it('R03: no answer to the SYN', async () => {
    const port = await startDeafListener()
    await fillQueue(port)
    const transport = startTransport({ limits: { connectMs: 300 } })
    const result = await transport.send(post(`http://127.0.0.1:${port}/`))
    expect(result).toMatchObject({ status: null, error: 'connect_timeout' })
    expect(transport.activeCount).toBe(0)
  })

  it('R03: the whole attempt is shorter than the time to connect', async () => {
    const port = await startDeafListener()
    await fillQueue(port)
    const result = await startTransport().send(post(`http://127.0.0.1:${port}/`, { timeoutMs: 300 }))
    expect(result).toMatchObject({ error: 'connect_timeout' })
    expect(result.durationMs).toBeLessThan(4_000)
  })

  it('R04: connected by the kernel, never accepted', async () => {
    const port = await startDeafListener()
    const result = await startTransport().send(post(`http://127.0.0.1:${port}/`, { timeoutMs }))
    expect(result).toMatchObject({ status: null, error: 'headers_timeout' })
  })

  it('a TLS handshake that is never answered', async () => {
    const receiver = await startReceiver({ onConnection: () => {} })
    const transport = startTransport({ limits: { connectMs: 300 } })
    const result = await transport.send(post(`https://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ status: null, error: 'connect_timeout' })
  })

  it('S158: a name that is never answered', async () => {
    const resolver = { resolve: () => new Promise<never>(() => {}) }
    const transport = startTransport({ resolver, limits: { connectMs: 300 } })
    expect(await transport.send(post('https://silent.test/'))).toMatchObject({ status: null, error: 'dns_failed' })
  })

  it('a name that is answered too late is not dialled', async () => {
    const receiver = await startReceiver({})
    let answerNow = (_addresses: readonly string[]) => {}
    const resolver = {
      resolve: () =>
        new Promise<readonly string[]>((resolve) => {
          answerNow = resolve
        }),
    }
    const policy = loopbackPolicy('127.0.0.0/8', { allowPorts: [receiver.port] })
    const transport = startTransport({ policy, resolver, limits: { connectMs: 100 } })
    expect(await transport.send(post(`http://late.test:${receiver.port}/`))).toMatchObject({ error: 'dns_failed' })
    answerNow(['127.0.0.1'])
    await transport.close()
    expect(receiver.sockets).toHaveLength(0)
  })

  it.runIf(process.platform === 'linux')('R06: the body is never read, though the kernel has taken it', async () => {
    const receiver = await startReceiver({ onConnection: () => {} })
    const result = await startTransport().send(post(receiver.url, { body: 'x'.repeat(1024 * 1024), timeoutMs }))
    expect(result).toMatchObject({ status: null, error: 'send_timeout' })
  })

  it('R06: the body is never read, and is more than the kernel takes', async () => {
    const receiver = await startReceiver({ onConnection: () => {} })
    const result = await startTransport().send(post(receiver.url, { body: 'x'.repeat(16 * 1024 * 1024), timeoutMs }))
    expect(result).toMatchObject({ status: null, error: 'send_timeout' })
  })

  it('a large body that was read and never answered', async () => {
    const receiver = await startReceiver({})
    const result = await startTransport().send(post(receiver.url, { body: 'x'.repeat(1024 * 1024), timeoutMs }))
    expect(result).toMatchObject({ status: null, error: 'headers_timeout' })
    expect(receiver.requests).toHaveLength(1)
  })

  it.each([
    ['R07 headers that drip', 'HTTP/1.1 200 OK\r\n', (i: number) => `x-${i}: y\r\n`],
    ['a status line that drips', 'HTTP/1.1 200 ', () => 'O'],
    ['interim answers without end', '', () => 'HTTP/1.1 102 X\r\n\r\n'],
  ])('%s', async (_case, first, piece) => {
    const receiver = await startReceiver({
      onRequest(socket) {
        socket.write(first)
        let i = 0
        const drip = setInterval(() => socket.write(piece(i++)), 50)
        socket.on('close', () => clearInterval(drip))
      },
    })
    const transport = startTransport()
    const result = await transport.send(post(receiver.url, { timeoutMs }))
    expect(result).toMatchObject({ status: null, error: 'headers_timeout' })
    expect([transport.activeCount, transport.idleCount]).toEqual([0, 0])
  })

  it('R34: an answer within the attempt’s time is in time, however long the connection took', async () => {
    const resolver = { resolve: () => new Promise<never>(() => {}) }
    const transport = startTransport({ resolver, limits: { connectMs: timeoutMs } })
    const receiver = await startReceiver({
      onRequest: async (socket) => {
        // Begun after this attempt, and ended by the time to connect: so that has passed here as well.
        expect(await transport.send(post('https://silent.test/'))).toMatchObject({ error: 'dns_failed' })
        socket.write(answer(200, 'late'))
      },
    })
    expect(await transport.send(post(receiver.url))).toMatchObject({ status: 200, body: 'late' })
  })

  it('R04: hanging receivers do not hold up others', async () => {
    const hanging = await startReceiver({})
    const healthy = await startReceiver({ onRequest: (socket) => socket.write(answer(200)) })
    const transport = startTransport()
    const stuck = Array.from({ length: 200 }, () => transport.send(post(hanging.url, { timeoutMs: 2_000 })))
    await expect.poll(() => hanging.requests.length).toBe(200)
    expect(await transport.send(post(healthy.url))).toMatchObject({ status: 200 })
    expect(transport.activeCount).toBe(200)
    expect(new Set((await Promise.all(stuck)).map((result) => result.error))).toEqual(new Set(['headers_timeout']))
    expect(transport.activeCount).toBe(0)
  })
})

it('sendQueues reads the kernel’s table', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1',
    '   4: 0100007F:AC38 0100007F:8501 01 000D041B:00000000 04:00000024 00000000     0        0 2 2',
    '',
  ].join('\n')
  expect(sendQueues(table)).toEqual(new Map([['44088:34049', 0xd041b]]))
})
