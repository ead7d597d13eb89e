import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EndpointPolicy } from '../../core/address/endpoint-policy.ts'
import { answer, loopbackPolicy, post, startReceiver } from '../fixtures/receiver.ts'
import type { OutgoingRequest } from '../transport.ts'
import { ThreadedTransport } from './threaded-transport.ts'

function startThreads(policy: EndpointPolicy = loopbackPolicy(), threads = 1): ThreadedTransport {
  const transport = new ThreadedTransport(policy, threads)
  onTestFinished(() => transport.close())
  return transport
}

/** By the number of the thread, from proc(5): the fields after the name in parentheses begin with the third. */
function nicenessByThread(): Map<string, number> {
  const tasks = '/proc/self/task'
  const niceness = (task: string) => {
    const fields = readFileSync(`${tasks}/${task}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(fields[19 - 3])
  }
  return new Map(readdirSync(tasks).map((task) => [task, niceness(task)]))
}

const answering = (text: string) => startReceiver({ onRequest: (socket) => socket.write(text) })

describe('the transport in threads', () => {
  test.each(['proven', 'unknown', 'suspect'] as const)(
    'sends to a %s endpoint and tells what it answered',
    async (standing) => {
      const receiver = await answering(answer(429, 'later', ['retry-after: 7', 'x-kind: full']))
      const transport = startThreads()
      const result = await transport.send(post(receiver.url), standing)
      expect(result).toMatchObject({ status: 429, error: null, body: 'later', retryAfter: '7', isCutShort: false })
      expect(result.headers).toMatchObject({ 'x-kind': 'full' })
      expect(receiver.requests[0]).toMatch(
        /^POST \/hook HTTP\/1\.1\r\n(.*\r\n)*content-length: 7\r\n(.*\r\n)*\r\n\{"a":1\}$/i,
      )
    },
  )

  test.runIf(process.platform === 'linux')('has run its threads’ programs when its start resolves', async () => {
    const transport = startThreads()
    const before = nicenessByThread()
    await transport.start()
    // The program of the one for those that do not answer lowers its priority.
    const started = [...nicenessByThread()].filter(([id]) => !before.has(id)).map(([, niceness]) => niceness)
    expect(started).toContain(Math.min(19, getPriority() + 10))
  })

  test('a start fails with a thread that breaks: a server that cannot send is not ready', async () => {
    const transport = startThreads({ ...loopbackPolicy(), ownListeners: undefined } as unknown as EndpointPolicy)
    await expect(transport.start()).rejects.toThrow('iterable')
  })

  test('keeps the headers of an answer only for who wants them', async () => {
    const receiver = await answering(answer(200, '', ['x-kind: full']))
    expect((await startThreads().send(post(receiver.url, { wantsHeaders: false }), 'proven')).headers).toEqual({})
  })

  test('sends bytes as they are', async () => {
    const receiver = await answering(answer(200))
    const body = new Uint8Array(Buffer.from('{"å":1}'))
    await startThreads().send(post(receiver.url, { body }), 'proven')
    expect(Buffer.from(receiver.requests[0] ?? '', 'latin1').toString()).toContain('{"å":1}')
  })

  test('refuses what the policy forbids, in the thread that would dial', async () => {
    const receiver = await answering(answer(200))
    const transport = startThreads(loopbackPolicy('10.0.0.0/8'))
    expect(await transport.send(post(receiver.url), 'proven')).toMatchObject({
      status: null,
      error: 'address_forbidden',
    })
    expect(receiver.requests).toEqual([])
  })

  test('does not dial a socket of its own that was opened after the thread had started', async () => {
    const receiver = await answering(answer(200))
    const transport = startThreads()
    expect(await transport.send(post(receiver.url), 'unknown')).toMatchObject({ status: 200 })
    transport.listensOn({ address: '127.0.0.1', port: Number(new URL(receiver.url).port) })
    // The connection that is open stays: a listener of the server's own was never an endpoint before.
    const other = await answering(answer(200))
    transport.listensOn({ address: '127.0.0.1', port: Number(new URL(other.url).port) })
    expect(await transport.send(post(other.url), 'unknown')).toMatchObject({ status: null, error: 'address_forbidden' })
  })

  test('spreads what is under way at once over its threads', async () => {
    const receiver = await answering(answer(200))
    const transport = startThreads(loopbackPolicy(), 2)
    const results = await Promise.all(Array.from({ length: 40 }, () => transport.send(post(receiver.url), 'proven')))
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200))
    expect(receiver.requests).toHaveLength(40)
  })

  test('lets what is under way end before it closes, and takes no more', async () => {
    const receiver = await answering(answer(200))
    const transport = new ThreadedTransport(loopbackPolicy(), 1)
    const under = transport.send(post(receiver.url), 'proven')
    await transport.close()
    expect(await under).toMatchObject({ status: 200 })
    await expect(transport.send(post(receiver.url), 'proven')).rejects.toThrow('closed')
  })

  test('a request that cannot be made is the fault of the server, and harms no other', async () => {
    const receiver = await answering(answer(200))
    const transport = startThreads()
    const odd = { ...post(receiver.url), method: 'BAD METHOD' } as unknown as OutgoingRequest
    await expect(transport.send(odd, 'proven')).rejects.toThrow()
    expect(await transport.send(post(receiver.url), 'proven')).toMatchObject({ status: 200 })
  })

  test('a thread that breaks fails its requests, which are made again, in another thread', async () => {
    const policy = { ...loopbackPolicy(), ownListeners: undefined } as unknown as EndpointPolicy
    const transport = startThreads(policy)
    await expect(transport.send(post('http://127.0.0.1:9/'), 'proven')).rejects.toThrow('iterable')
    await expect(transport.send(post('http://127.0.0.1:9/'), 'proven')).rejects.toThrow('iterable')
  })

  test.runIf(process.platform === 'linux')('the thread of those that do not answer is behind the others', async () => {
    const receiver = await answering(answer(200))
    const transport = startThreads()
    const before = nicenessByThread()
    await Promise.all((['proven', 'unknown'] as const).map((standing) => transport.send(post(receiver.url), standing)))
    const own = getPriority()
    const started = [...nicenessByThread()].filter(([id]) => !before.has(id)).map(([, niceness]) => niceness)
    expect(started).toContain(Math.min(19, own + 10))
    expect(started).toContain(own)
    expect(nicenessByThread().get(String(process.pid))).toBe(own)
  })

  test('an endpoint that never answers holds up nobody', async () => {
    const silent = await startReceiver({ onConnection: () => {} })
    const transport = startThreads()
    const hanging = transport.send(post(silent.url, { timeoutMs: 1_000 }), 'unknown')
    const receiver = await answering(answer(204))
    expect(await transport.send(post(receiver.url), 'unknown')).toMatchObject({ status: 204 })
    expect(await hanging).toMatchObject({ status: null, error: 'headers_timeout' })
  })
})
