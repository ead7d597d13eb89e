import { expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { EventStream } from './event-stream.ts'
import { eventText, makeTestPublisher } from './fixtures/test-publisher.ts'
import type { Line } from './line-splitter.ts'
import type { PublisherParts } from './publisher.ts'

const lineOf = (text: string): Line => ({ kind: 'line', bytes: Buffer.from(text) })

function start(parts: Partial<PublisherParts> = {}) {
  const { publisher, log } = makeTestPublisher(parts)
  const stream = new EventStream(publisher, (bytes) => {
    const text = Buffer.from(bytes).toString('utf8')
    if (text.includes('\ufffd')) throw new AppError('invalid_json', 'not UTF-8')
    return text
  })
  const publish = async (...lines: Line[]) => {
    const answer = await stream.publish(lines)
    expect(answer.endsWith('\n')).toBe(true)
    return answer
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  return { publish, log }
}

test('each line has its own answer, in order, whatever became of the others', async () => {
  const { publish, log } = start()
  await publish(lineOf(eventText({ id: 'used' })))
  const answers = await publish(
    lineOf(eventText({ id: 'a' })),
    lineOf('nonsense'),
    { kind: 'too-long' },
    lineOf(eventText({ id: 'used', entityId: 'other' })),
    { kind: 'line', bytes: Uint8Array.of(0xff) },
    lineOf(eventText({ id: 'b' })),
    lineOf(eventText({ id: 'used' })),
  )
  expect(answers).toMatchObject([
    { id: 'a', offset: 'invoices/0/2' },
    { error: { code: 'invalid_event', errors: [{ code: 'invalid_json' }] } },
    { error: { code: 'invalid_event', errors: [{ code: 'too_large' }] } },
    { error: { code: 'id_reused', errors: [{ pointer: '/id' }] } },
    { error: { code: 'invalid_event', errors: [{ code: 'invalid_json', detail: 'not UTF-8' }] } },
    { id: 'b', offset: 'invoices/0/3' },
    { id: 'used', offset: 'invoices/0/1', duplicate: true },
  ])
  expect(log.bounds(0).latest).toBe(3)
})

test('very many lines go in groups, and keep their order', async () => {
  const log = new MemoryLog()
  const sizes: number[] = []
  const append = log.append.bind(log)
  log.append = (events) => {
    sizes.push(events.length)
    return append(events)
  }
  const { publish } = start({ log })
  const answers = await publish(...Array.from({ length: 2_001 }, (_, index) => lineOf(eventText({ id: `${index}` }))))
  expect(sizes).toEqual([1_000, 1_000, 1])
  expect(answers.map(({ id }) => Number(id))).toEqual(Array.from({ length: 2_001 }, (_, index) => index))
})

test('a group that the log does not take is refused line by line; a bug ends the request', async () => {
  const log = new MemoryLog()
  let failure: Error = new AppError('storage_unavailable', 'the disk is full')
  log.append = () => Promise.reject(failure)
  const { publish } = start({ log })
  expect(await publish(lineOf(eventText()), lineOf('nonsense'))).toMatchObject([
    { error: { code: 'storage_unavailable', detail: 'the disk is full' } },
    { error: { code: 'invalid_event' } },
  ])
  failure = new TypeError('a bug')
  await expect(publish(lineOf(eventText()))).rejects.toThrow(failure)
})
