import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from './json.ts'
import { type ItemOptions, JsonItems } from './json-items.ts'
import type { JsonError } from './json-scanner.ts'

const options: ItemOptions = { maxItemLength: 1_000_000, materializeDepth: 1 }

function read(text: string, more: Partial<ItemOptions> = {}): { texts: string[]; error: JsonError | null } {
  const items = JsonItems.of(text, { ...options, ...more })
  if (!items) throw new Error('no array')
  const texts: string[] = []
  for (let item = items.next(); item.kind !== 'end'; item = items.next()) {
    if (item.kind === 'fault') return { texts, error: item.error }
    texts.push(item.node.text)
  }
  return { texts, error: null }
}

describe('the items of an array', () => {
  it('are those of a parse of the whole, canonical, whatever the white space', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, 2), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`
        const whole = parseJson(text)
        if (!whole.ok || whole.node.kind !== 'array') throw new Error('not parsed')
        expect(read(text).texts).toEqual(whole.node.items.map((node) => node.text))
      }),
    )
  })

  it('are refused at the same fault as the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1 }),
        fc.nat(),
        fc.constantFrom(...'[]{}",:x1 '),
        (value, at, char) => {
          const good = JSON.stringify(value)
          const place = 1 + (at % good.length)
          const text = good.slice(0, place) + char + good.slice(place)
          const whole = parseJson(text)
          const { error } = read(text)
          expect(error === null).toBe(whole.ok)
          if (!whole.ok) expect(error).toMatchObject({ code: whole.error.code, message: whole.error.message })
        },
      ),
    )
  })

  it('end at the end, again and again', () => {
    const items = JsonItems.of('[1]', options)!
    expect(items.next()).toMatchObject({ kind: 'item', end: 2 })
    expect([items.next(), items.next()]).toEqual([{ kind: 'end' }, { kind: 'end' }])
    expect(items.count).toBe(1)
  })

  it('are asked for of arrays alone', () => {
    expect(['{}', '1', '', ' ', '"["'].map((text) => JsonItems.of(text, options))).toEqual(Array(5).fill(undefined))
  })

  it.each([
    ['[1,2', 'syntax'],
    ['[1 2]', 'syntax'],
    ['[1,]', 'syntax'],
    ['[,1]', 'syntax'],
    ['[', 'syntax'],
    ['[1]]', 'trailing'],
    ['[{"a":1,"a":2}]', 'duplicate_key'],
  ])('%s is refused: %s', (text, code) => {
    expect(read(text).error?.code).toBe(code)
  })

  it('count against the caps of the whole', () => {
    expect(read('[[1,2],[3,4]]', { maxMembers: 6 }).error).toBeNull()
    expect(read('[[1,2],[3,4]]', { maxMembers: 5 }).error?.code).toBe('too_many_members')
    expect(read('[[[]]]', { maxDepth: 3 }).error).toBeNull()
    expect(read('[[[]]]', { maxDepth: 2 }).error?.code).toBe('too_deep')
  })

  it('may have a length, and are not read much further', () => {
    expect(read('["12345678"]', { maxItemLength: 10 }).error).toBeNull()
    expect(read('["123456789"]', { maxItemLength: 10 }).error?.code).toBe('too_long')
    const long = `[{"a":[${'1,'.repeat(1_000)}`
    // Nothing closes it: the fault is its length, because the rest was not looked at.
    expect(read(long, { maxItemLength: 100 }).error).toMatchObject({ code: 'too_long' })
    expect(read(long, { maxItemLength: 100 }).error!.offset).toBeLessThan(120)
  })
})
