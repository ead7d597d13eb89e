import { expect, test } from 'vitest'
import { type SealingKey, sealText } from './seal.ts'
import { endOf, idleMs, openPass, sealPass, sessionMs, wantsRenewal } from './session-pass.ts'

const keyOf = (id: number): SealingKey => ({ id: Buffer.alloc(4, id), key: Buffer.alloc(32, id) })
const nonce = Buffer.alloc(12, 9)
const pass = { sessionId: 'ses_0123abc', usedAtMs: 1_767_225_600_000 }

test('a pass opens with every key of the server, and says nothing to others', () => {
  const sealed = sealPass(pass, keyOf(1), nonce)
  expect(sealed).toMatch(/^[\w.-]+$/)
  expect(openPass(sealed, [keyOf(2), keyOf(1)])).toEqual(pass)
  expect(openPass(sealed, [keyOf(2)])).toBeUndefined()
})

test('what is changed, cut off or sealed for something else is no pass', () => {
  const sealed = sealPass(pass, keyOf(1), nonce)
  for (const text of ['', 'v1.', sealed.slice(0, -1), `${sealed.slice(0, 20)}A${sealed.slice(21)}`]) {
    expect(openPass(text, [keyOf(1)])).toBeUndefined()
  }
  expect(openPass(sealText('ses_0123abc 1', 'sub_1', keyOf(1), nonce), [keyOf(1)])).toBeUndefined()
  expect(openPass(sealText('something else', 'session pass', keyOf(1), nonce), [keyOf(1)])).toBeUndefined()
})

test('a session ends an hour after it was used, and never after its own end', () => {
  const endsAtMs = pass.usedAtMs + sessionMs
  expect(endOf(pass, endsAtMs)).toBe(pass.usedAtMs + idleMs)
  expect(endOf({ ...pass, usedAtMs: endsAtMs - 1 }, endsAtMs)).toBe(endsAtMs)
})

test('a pass is made anew after a minute', () => {
  expect(wantsRenewal(pass, pass.usedAtMs + 59_999)).toBe(false)
  expect(wantsRenewal(pass, pass.usedAtMs + 60_000)).toBe(true)
})
