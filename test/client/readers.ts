import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Tidings } from '../../packages/client/src/index.ts'
import type { CrashingReaderOptions } from './programs/crashing-reader.ts'
import { pythonEnv } from './python.ts'
import { idsOf, startWorld, type World } from './world.ts'

let world: World

type Way = CrashingReaderOptions['way']

interface Reader {
  readonly received: readonly string[]
  /** How often a stream was opened. */
  opened(): number
  /** Over the event at which it takes its time. */
  goOn(): void
  close(): Promise<void>
}

/** Reads until the test ends, and tells what it has. @param holdsAt the entity id over which it takes its time */
type Follow = (way: Way, holdsAt?: string) => Reader

const inTypeScript: Follow = (way, holdsAt) => {
  const stop = new AbortController()
  const { signal } = stop
  const received: string[] = []
  let opened = 0
  let goOn = () => {}
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const client = new Tidings({ url: world.url, key: world.key, timeoutMs: 3_000 })
  const since = '2000-01-01T00:00:00Z'
  const events =
    way === 'feed'
      ? client.feed('invoices', { wait: 1, signal })
      : client.stream({ topics: ['invoices'], signal, idleTimeoutMs: 3_000, since, onOpen: () => opened++ })
  const ended = (async () => {
    for await (const { entityId } of events) {
      received.push(entityId!)
      if (entityId === holdsAt) await mayGoOn
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return {
    received,
    opened: () => opened,
    goOn: () => goOn(),
    async close() {
      stop.abort()
      await ended
    },
  }
}

const inPython: Follow = (way, holdsAt = '') => {
  const options = JSON.stringify({ url: world.url, key: world.key, way, holdsAt })
  const child = spawn('python3', [programOf('reader.py'), options], {
    env: pythonEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const received: string[] = []
  let opened = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'opened') opened++
    else received.push(line)
  })
  const ended = once(child, 'close')
  return {
    received,
    opened: () => opened,
    goOn: () => void child.stdin.write('\n'),
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const programOf = (name: string) => fileURLToPath(new URL(`./programs/${name}`, import.meta.url))

const languages = {
  TypeScript: { follow: inTypeScript, crashing: [process.execPath, programOf('crashing-reader.ts')] },
  Python: { follow: inPython, crashing: ['python3', programOf('crashing_reader.py')] },
}

/** At least once, in order, never a gap: a reader of this language over everything that goes wrong. */
export function testReaders(language: keyof typeof languages): void {
  const { follow, crashing } = languages[language]
  describe.each(['feed', 'stream'] as const)(`in ${language}, by the %s`, (way) => {
    beforeEach(async () => {
      world = await startWorld()
    })
    afterEach(() => world[Symbol.asyncDispose]())

    test('every event comes once and in order, over restarts, a crash, cut and silent connections', async () => {
      const reader = follow(way)
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
      const reader = follow(way, '3')
      await world.publish(1, 10)
      await expect.poll(() => reader.received).toEqual(['1', '2', '3'])
      // More than all buffers on the way hold.
      for (let from = 11; from < 20_000; from += 1_000) await world.publish(from, 1_000)
      expect(reader.received).toHaveLength(3)
      reader.goOn()
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
        const [program, ...args] = crashing as [string, ...string[]]
        const child = spawn(program, [...args, JSON.stringify(options)], {
          env: pythonEnv,
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
}
