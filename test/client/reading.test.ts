import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ReceivedEvent, Tidings } from '../../packages/client/src/index.ts'
import type { CrashingReaderOptions } from './crashing-reader.ts'
import { idsOf, startWorld, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

type Way = CrashingReaderOptions['way']
const ways: readonly Way[] = ['feed', 'stream']

describe.each(ways)('by the %s', (way) => {
  /** Reads until the test ends, and tells what it has. */
  function follow(handle: (event: ReceivedEvent) => Promise<void> | void = () => {}) {
    const stop = new AbortController()
    const { signal } = stop
    const received: string[] = []
    let opened = 0
    const client = new Tidings({ url: world.url, key: world.key, timeoutMs: 3_000 })
    const events =
      way === 'feed'
        ? client.feed('invoices', { wait: 1, signal })
        : client.stream({
            topics: ['invoices'],
            signal,
            idleTimeoutMs: 3_000,
            since: '2000-01-01T00:00:00Z',
            onOpen: () => opened++,
          })
    const ended = (async () => {
      for await (const event of events) {
        received.push(event.entityId!)
        await handle(event)
      }
    })().catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    return {
      received,
      opened: () => opened,
      async close() {
        stop.abort()
        await ended
      },
    }
  }

  test('every event comes once and in order, over restarts, a crash, cut and silent connections', async () => {
    const reader = follow()
    const reaches = (count: number) => expect.poll(() => reader.received.length, { timeout: 60_000 }).toBe(count)
    await world.publish(1, 100)
    await reaches(100)
    // Drained: what it had under way ends, and the reader goes on with the next one.
    await world.stop()
    await world.start()
    await world.publish(101, 100)
    await reaches(200)
    // In the middle of what it is sent.
    world.proxy.cutAfter(20_000)
    await world.publish(201, 200)
    await reaches(400)
    await world.kill()
    await world.start()
    await world.publish(401, 100)
    await reaches(500)
    // Nothing comes, and nothing says that nothing comes.
    world.proxy.silence(true)
    await world.publish(501, 100)
    const before = world.proxy.connections
    await expect.poll(() => world.proxy.connections, { timeout: 60_000 }).toBeGreaterThan(before)
    world.proxy.silence(false)
    await reaches(600)
    await reader.close()
    expect(reader.received).toEqual(idsOf(1, 600))
  })

  test('a consumer that takes its time gets everything, and is not cut off', async () => {
    let goOn = () => {}
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const reader = follow(({ entityId }) => (entityId === '3' ? mayGoOn : undefined))
    await world.publish(1, 10)
    await expect.poll(() => reader.received).toEqual(['1', '2', '3'])
    // More than all buffers on the way hold.
    for (let from = 11; from < 20_000; from += 1_000) await world.publish(from, 1_000)
    expect(reader.received).toHaveLength(3)
    goOn()
    await expect.poll(() => reader.received.length, { timeout: 60_000 }).toBe(20_010)
    await reader.close()
    expect(reader.received).toEqual(idsOf(1, 20_010))
    if (way === 'stream') expect(reader.opened()).toBe(1)
  })

  test('a process that is killed between its work and its checkpoint repeats that work, and leaves nothing out', async () => {
    await world.publish(1, 300)
    const journal = join(world.folder, 'journal')
    const run = async (diesAfter: number) => {
      const options: CrashingReaderOptions = {
        url: world.url,
        key: world.key,
        way,
        folder: join(world.folder, 'checkpoints'),
        journal,
        diesAfter,
        last: '300',
        everyEvents: 7,
      }
      const program = fileURLToPath(new URL('./crashing-reader.ts', import.meta.url))
      const child = spawn(process.execPath, [program, JSON.stringify(options)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
      const lines = (await readFile(journal, 'utf8')).trim().split('\n').map(Number)
      return { signal, lines }
    }
    let { signal, lines } = await run(10)
    expect(signal).toBe('SIGKILL')
    for (const diesAfter of [1, 33, 64, 100]) {
      const before = lines.length
      ;({ signal, lines } = await run(diesAfter))
      expect(signal).toBe('SIGKILL')
      // It goes on within what was not kept, at the event that it died at or earlier: never behind it.
      const [died, resumed] = [lines[before - 1]!, lines[before]!]
      expect(resumed).toBeLessThanOrEqual(died)
      expect(died - resumed).toBeLessThan(7)
    }
    // One more event, at which the reader leaves after everything before it is kept.
    await world.publish(301, 1)
    ;({ signal, lines } = await run(0))
    expect(signal).toBeNull()
    for (const [index, number] of lines.entries())
      if (index > 0) expect(number).toBeLessThanOrEqual(lines[index - 1]! + 1)
    expect([...new Set(lines)]).toEqual(idsOf(1, 300).map(Number))
  })
})

test('a position of another topic ends the reading, and nothing is guessed', async () => {
  await world.publish(1, 1)
  const client = new Tidings({ url: world.url, key: world.key })
  const [foreign] = (await client.topics()).filter(({ topic }) => topic !== 'invoices')
  const wrong = client.feed('invoices', { after: String(foreign!.latest) })
  await expect(wrong[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid_offset' })
})
