import { expect, test } from 'vitest'
import { nameFaults, repeatedFiles, repeatedTypes } from './names.ts'

test('types and classes of the top level are found, exported or not, once for each file', () => {
  const sources = new Map([
    ['deliver/lane.ts', 'export class Lane {}\nexport interface Gate {}\n'],
    ['stream/audience.ts', 'interface Lane {\n  size: number\n}\n'],
    ['stream/gate.ts', '// class Gate\nfunction f() {\n  type Gate = 1\n}\nexport type Row<T> = T\n'],
    ['stream/audience.test.ts', 'class Lane {}\n'],
    ['stream/fixtures/row.ts', 'type Row = 1\n'],
    ['deliver/over.ts', 'type Over = (a: string) => Over\ntype Over2 = Over\n'],
  ])
  expect(repeatedTypes(sources)).toEqual([{ name: 'Lane', files: ['deliver/lane.ts', 'stream/audience.ts'] }])
})

test('the name of a file is its own, but in folders whose files are named by their subject', () => {
  const files = [
    ...['deliver/resends.ts', 'registry/resends.ts', 'http/routes/resends.ts', 'cli/commands/resends.ts'],
    ...['dialects/standard/encode.ts', 'dialects/fortnox/encode.ts', 'stream/encode.ts'],
  ]
  expect(repeatedFiles(files)).toEqual([{ name: 'resends.ts', files: ['deliver/resends.ts', 'registry/resends.ts'] }])
})

test('a repeated name is a fault, unless there is a reason; a reason for nothing is one too', () => {
  const found = [{ name: 'Lane', files: ['a.ts', 'b.ts'] }]
  expect(nameFaults(found, {}, 'sharedNames')).toEqual([expect.stringMatching(/^Lane names 2 things: a\.ts, b\.ts/)])
  expect(nameFaults(found, { Lane: 'one role' }, 'sharedNames')).toEqual([])
  expect(nameFaults([], { Lane: 'one role' }, 'sharedNames')).toEqual([expect.stringMatching(/^Lane names one thing/)])
})
