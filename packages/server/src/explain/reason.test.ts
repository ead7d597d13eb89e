import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isDue, reasons } from './reason.ts'

const guide = readFileSync(new URL('../../../../docs/guides/not-received.md', import.meta.url), 'utf8')

test('the guide explains every reason, and no other', () => {
  const explained = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason)
  expect(explained.sort()).toEqual([...reasons].sort())
})

test('an event is due where the subscription asks for it and is granted it, whatever became of it', () => {
  expect(reasons.filter((reason) => isDue[reason])).toEqual([
    ...['delivered', 'waiting', 'failed', 'superseded', 'disabled', 'skipped'],
  ])
})
