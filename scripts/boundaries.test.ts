import { describe, expect, test } from 'vitest'
import { importsOf, mutualImports, violationsOf } from './boundaries.ts'

const importing = (target: string) => `import { x } from '${target}'\n`

describe('imports', () => {
  test.each([
    ["import { a } from './a.ts'", './a.ts'],
    ["import type { A } from '../a.ts'", '../a.ts'],
    ["import {\n  a,\n  type B,\n} from '../x/a.ts'", '../x/a.ts'],
    ["import './a.ts'", './a.ts'],
    ["export * from './a.ts'", './a.ts'],
    ["export { a } from './a.ts'", './a.ts'],
    ["const a = await import('./a.ts')", './a.ts'],
    ["new Worker(new URL('./thread.ts', import.meta.url))", './thread.ts'],
  ])('%j', (source, expected) => {
    expect(importsOf(source)).toEqual([expected])
  })

  test('packages are not ours', () => {
    expect(importsOf("import { z } from 'typebox'\nimport fs from 'node:fs'")).toEqual([])
  })
})

describe('boundaries', () => {
  test.each([
    ['core/event/event.ts', './event-fields.ts'],
    ['publish/publisher.ts', '../log/event-log.ts'],
    ['follow/webhooks.ts', '../deliver/dispatcher.ts'],
    ['deliver/dispatcher.ts', '../send/transport.ts'],
    ['engines/sqlite/log/rows.ts', '../file/statements.ts'],
    ['engines/sqlite/log.ts', '../../log/event-log.ts'],
    ['dialects/standard/dialect.ts', '../contract/host.ts'],
    ['dialects/fortnox/routes.ts', '../../stream/live-stream.ts'],
    ['dialects/dialects.ts', './standard/dialect.ts'],
    ['compose.ts', './engines/sqlite/log.ts'],
    ['core/event.test.ts', '../engines/sqlite/log.ts'],
  ])('%s may import %s', (file, target) => {
    expect(violationsOf(file, importing(target))).toEqual([])
  })

  test.each([
    ['core/event/event.ts', '../../log/event-log.ts', 'log/event-log.ts'],
    ['publish/publisher.ts', '../log/retention.ts', 'log/retention.ts'],
    ['deliver/dispatcher.ts', '../follow/readership.ts', 'follow/readership.ts'],
    ['deliver/turns/turns.ts', '../queue/lane.ts', 'deliver/queue/lane.ts'],
    ['deliver/dispatcher.ts', '../send/dial.ts', 'send/dial.ts'],
    ['send/sender.ts', '../deliver/queue/lane.ts', 'deliver/queue/lane.ts'],
    ['stream/tail.ts', '../engines/memory/log.ts', 'engines/memory/log.ts'],
    ['engines/sqlite/log.ts', '../memory/log.ts', 'engines/memory/log.ts'],
    ['engines/sqlite/log/rows.ts', '../../../registry/registry.ts', 'registry/registry.ts'],
    ['dialects/standard/encode.ts', '../cloudevents/encode.ts', 'dialects/cloudevents/encode.ts'],
    ['dialects/standard/encode.ts', '../../http/app.ts', 'http/app.ts'],
    ['http/app.ts', '../engines/sqlite/log.ts', 'engines/sqlite/log.ts'],
    ['http/app.ts', '../compose.ts', 'compose.ts'],
    ['cli/program.ts', '../registry/registry.ts', 'registry/registry.ts'],
  ])('%s may not import %s', (file, target, imports) => {
    expect(violationsOf(file, importing(target))).toMatchObject([{ file, imports }])
  })

  test('a folder without a rule is a violation', () => {
    expect(violationsOf('helpers/thing.ts', '')).toMatchObject([{ file: 'helpers/thing.ts' }])
  })
})

describe('folders that import each other', () => {
  const sources = (...pairs: [string, string][]) =>
    mutualImports(new Map(pairs.map(([file, target]) => [file, importing(target)])))

  test('are named once, whichever of their files do it', () => {
    expect(
      sources(['publish/publisher.ts', '../log/event-log.ts'], ['log/retention.ts', '../publish/faults.ts']),
    ).toEqual(['log <-> publish'])
  })

  test('a folder and one below it are two folders', () => {
    expect(sources(['send/exchange.ts', './http1/framing.ts'], ['send/http1/connection.ts', '../dial.ts'])).toEqual([
      'send <-> send/http1',
    ])
  })

  test('one direction is fine, and tests may import what they need', () => {
    expect(sources(['publish/publisher.ts', '../log/event-log.ts'])).toEqual([])
    expect(sources(['publish/a.ts', '../log/b.ts'], ['log/b.test.ts', '../publish/a.ts'])).toEqual([])
  })
})
