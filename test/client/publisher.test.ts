import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Tidings } from '../../packages/client/src/index.ts'
import { eventOf, idsOf, startWorld, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const entityIds = async () => (await world.log()).map(({ entityId }) => entityId)

test('events are published once and in order over restarts, a crash, cut connections and answers that were lost', async () => {
  const publisher = new Tidings({ url: world.url, key: world.key, timeoutMs: 5_000 }).publisher({
    onRefused: ({ error }) => {
      throw error
    },
    maxBatchEvents: 20,
    maxBufferedEvents: 100,
  })
  const disturb: Readonly<Record<number, () => Promise<void>>> = {
    // The request is stored, and its answer is cut.
    100: async () => world.proxy.cutAfter(100),
    200: async () => {
      await world.stop()
      await world.start()
    },
    300: async () => world.proxy.cut(),
    400: async () => {
      await world.kill()
      await world.start()
    },
  }
  const published: Promise<unknown>[] = []
  for (let number = 1; number <= 500; number++) {
    published.push((await publisher.publish(eventOf(number))).published)
    await disturb[number]?.()
  }
  await publisher.close()
  await Promise.all(published)
  expect(await entityIds()).toEqual(idsOf(1, 500))
})

describe('a process that ends', () => {
  const program = fileURLToPath(new URL('./exiting-publisher.ts', import.meta.url))
  let child: ChildProcess
  let said = ''
  let complained = ''
  const begin = (ending: 'signal' | 'end' | 'exit') => {
    said = ''
    complained = ''
    child = spawn(process.execPath, [program, world.url, world.key, '50', ending], {
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

  test('by a signal publishes what it had accepted, though the server was away, and then ends by the signal', async () => {
    await world.stop()
    const ended = begin('signal')
    await expect.poll(() => said).toContain('retry')
    expect(said).toContain('accepted')
    child.kill('SIGTERM')
    await world.start()
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(await entityIds()).toEqual(idsOf(1, 50))
  })

  test('because nothing is left to do publishes what it had accepted', async () => {
    expect(await begin('end')).toEqual([0, null])
    expect(await entityIds()).toEqual(idsOf(1, 50))
  })

  test('by process.exit() says what it did not publish', async () => {
    await world.stop()
    expect(await begin('exit')).toEqual([3, null])
    expect(complained).toContain('50 accepted events were not published')
  })
})
