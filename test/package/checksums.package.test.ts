import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dist, kinds, made } from './made.ts'

test('every file has its checksum', () => {
  const listed = readFileSync(made(/^SHA256SUMS$/), 'utf8')
    .trimEnd()
    .split('\n')
  const sums = listed.map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line)!.slice(1))
  const names = readdirSync(dist).filter((name) => name !== 'SHA256SUMS')
  expect(sums.map(([, name]) => name)).toEqual(names.sort())
  for (const [sum, name] of sums) {
    expect(
      createHash('sha256')
        .update(readFileSync(join(dist, name!)))
        .digest('hex'),
    ).toBe(sum)
  }
  for (const kind of [kinds.server, kinds.client]) expect(names.filter((name) => kind.test(name))).toHaveLength(1)
})
