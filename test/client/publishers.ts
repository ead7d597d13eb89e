import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Tidings } from '../../packages/client/src/index.ts'
import { pythonEnv } from './python.ts'
import { eventOf, idsOf, startWorld, type World } from './world.ts'

let world: World

const entityIds = async () => (await world.log()).map(({ entityId }) => entityId)

interface Publishing {
  /** Resolves when they are accepted. */
  publish(from: number, count: number): Promise<void>
  /** Resolves when everything is published; how much that was. */
  close(): Promise<number>
}

const inTypeScript = (): Publishing => {
  const publisher = new Tidings({ url: world.url, key: world.key, timeoutMs: 5_000 }).publisher({
    onRefused: ({ error }) => {
      throw error
    },
    maxBatchEvents: 20,
    maxBufferedEvents: 100,
  })
  const published: Promise<unknown>[] = []
  return {
    async publish(from, count) {
      for (let number = from; number < from + count; number++)
        published.push((await publisher.publish(eventOf(number))).published)
    },
    async close() {
      await publisher.close()
      return (await Promise.all(published)).length
    },
  }
}

const inPython = (): Publishing => {
  const child = spawn('python3', [programOf('publisher.py'), world.url, world.key], {
    env: pythonEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async publish(from, count) {
      child.stdin.write(`${from} ${count}\n`)
      expect((await lines.next()).value).toBe('accepted')
    },
    async close() {
      child.stdin.end()
      return Number(((await lines.next()).value as string).replace('published ', ''))
    },
  }
}

const programOf = (name: string) => fileURLToPath(new URL(`./programs/${name}`, import.meta.url))

const languages = {
  TypeScript: {
    begin: inTypeScript,
    exiting: [process.execPath, programOf('exiting-publisher.ts')],
    // By the signal itself.
    endedBySignal: [null, 'SIGTERM'],
    impatient: { ending: 'exit', code: 3 },
  },
  Python: {
    begin: inPython,
    exiting: ['python3', programOf('exiting_publisher.py')],
    endedBySignal: [143, null],
    impatient: { ending: 'impatient', code: 0 },
  },
}

/** No accepted event is lost, doubled or overtaken: a publisher of this language over everything that goes wrong. */
export function testPublishers(language: keyof typeof languages): void {
  const { begin, exiting, endedBySignal, impatient } = languages[language]
  beforeEach(async () => {
    world = await startWorld()
  })
  afterEach(() => world[Symbol.asyncDispose]())

  test('events are published once and in order over restarts, a crash, cut connections and lost answers', async () => {
    const publishing = begin()
    await publishing.publish(1, 100)
    // The request is stored, and its answer is cut.
    world.proxy.cutAfter(100)
    await publishing.publish(101, 100)
    await world.stop()
    await world.start()
    await publishing.publish(201, 100)
    world.proxy.cut()
    await publishing.publish(301, 100)
    await world.kill()
    await world.start()
    await publishing.publish(401, 100)
    expect(await publishing.close()).toBe(500)
    expect(await entityIds()).toEqual(idsOf(1, 500))
  })

  describe(`a process in ${language} that ends`, () => {
    let child: ChildProcess
    let said = ''
    let complained = ''
    const begin = (ending: string) => {
      said = ''
      complained = ''
      const [program, ...args] = exiting as [string, ...string[]]
      child = spawn(program, [...args, world.url, world.key, '50', ending], {
        env: pythonEnv,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        complained += text
      })
      return once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    }
    afterEach(() => {
      child.kill('SIGKILL')
    })

    test('by a signal publishes what it had accepted, though the server was away', async () => {
      await world.stop()
      const ended = begin('signal')
      await expect.poll(() => said).toContain('accepted')
      await expect.poll(() => said).toContain('retry')
      child.kill('SIGTERM')
      await world.start()
      expect(await ended).toEqual(endedBySignal)
      expect(await entityIds()).toEqual(idsOf(1, 50))
    })

    test('because nothing is left to do publishes what it had accepted', async () => {
      expect(await begin('end')).toEqual([0, null])
      expect(await entityIds()).toEqual(idsOf(1, 50))
    })

    test('without time to publish says what it did not publish', async () => {
      await world.stop()
      expect(await begin(impatient.ending)).toEqual([impatient.code, null])
      expect(complained).toContain('50 accepted events were not published')
    })
  })
}
