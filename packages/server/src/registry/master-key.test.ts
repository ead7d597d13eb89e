import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deriveServerKeys, loadServerKeys, readMasterKeys } from './master-key.ts'
import { makeSealer } from './sealer.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const keyOf = (byte: number) => Buffer.alloc(32, byte)

describe('the master key', () => {
  it('is made once, readable by its owner alone, and found again', () => {
    const file = join(directory, 'master.key')
    const made = loadServerKeys({ environment: undefined, file, hasStore: false })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual(['master.key'])
    expect(loadServerKeys({ environment: undefined, file, hasStore: false })).toEqual(made)
  })

  it('is refused when others can read it', () => {
    const file = join(directory, 'master.key')
    loadServerKeys({ environment: undefined, file, hasStore: false })
    chmodSync(file, 0o640)
    expect(() => loadServerKeys({ environment: undefined, file, hasStore: false })).toThrow(/chmod 600/)
  })

  it('is not made anew for a store that has had one', () => {
    const file = join(directory, 'master.key')
    expect(() => loadServerKeys({ environment: '', file, hasStore: true })).toThrow(/missing.*openssl rand/)
    expect(readdirSync(directory)).toEqual([])
    loadServerKeys({ environment: undefined, file, hasStore: false })
    loadServerKeys({ environment: undefined, file, hasStore: true })
  })

  it('is never replaced when the file is damaged', () => {
    const file = join(directory, 'master.key')
    writeFileSync(file, '', { mode: 0o600 })
    expect(() => loadServerKeys({ environment: undefined, file, hasStore: false })).toThrow(/32 bytes/)
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  it('comes from the environment first, in hex or base64', () => {
    const file = join(directory, 'master.key')
    const hex = loadServerKeys({ environment: keyOf(7).toString('hex'), file, hasStore: false })
    const base64 = loadServerKeys({ environment: keyOf(7).toString('base64'), file, hasStore: false })
    expect(hex).toEqual(base64)
    expect(readdirSync(directory)).toEqual([])
    expect(() => readMasterKeys('too short', 'TIDINGS_MASTER_KEY')).toThrow(/TIDINGS_MASTER_KEY/)
  })
})

describe('sealing', () => {
  const keys = deriveServerKeys([keyOf(1)])
  const sealer = makeSealer(keys.sealing)

  it('gives back the text, in the record that it was sealed for only', () => {
    const sealed = sealer.seal('whsec_åäö', 'sub_1')
    expect(sealed).toMatch(/^v1\.[\w-]+$/)
    expect(sealer.unseal(sealed, 'sub_1')).toBe('whsec_åäö')
    expect(() => sealer.unseal(sealed, 'sub_2')).toThrow(/master key/)
    expect(sealer.seal('whsec_åäö', 'sub_1')).not.toBe(sealed)
  })

  it('refuses every altered byte', () => {
    const bytes = Buffer.from(sealer.seal('secret', 'sub_1').slice(3), 'base64url')
    for (let index = 0; index < bytes.length; index++) {
      const altered = Buffer.from(bytes)
      altered[index] = altered[index]! ^ 1
      expect(() => sealer.unseal(`v1.${altered.toString('base64url')}`, 'sub_1')).toThrow()
    }
    expect(() => sealer.unseal('v1.', 'sub_1')).toThrow()
    expect(() => sealer.unseal('plain', 'sub_1')).toThrow()
  })

  it('opens with earlier keys after a rotation, and seals with the current one', () => {
    const old = sealer.seal('secret', 'sub_1')
    const rotated = makeSealer(deriveServerKeys([keyOf(2), keyOf(1)]).sealing)
    expect(rotated.unseal(old, 'sub_1')).toBe('secret')
    const fresh = rotated.seal('secret', 'sub_1')
    expect(() => sealer.unseal(fresh, 'sub_1')).toThrow()
    expect(makeSealer(deriveServerKeys([keyOf(2)]).sealing).unseal(fresh, 'sub_1')).toBe('secret')
  })
})
