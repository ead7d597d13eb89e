import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AppError } from '../core/errors.ts'
import { readConfig } from './config.ts'

const read = (env: Readonly<Record<string, string>>) => readConfig({ flags: {}, env, file: devNull })

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'tidings.yaml')
  writeFileSync(file, text)
  return file
}

/** As Kubernetes 1.36 sets them in a pod beside the Services `tidings` (ports 8080 and 9090) and `tidings-live`. */
const besideServices = {
  TIDINGS_SERVICE_HOST: '10.96.31.7',
  TIDINGS_SERVICE_PORT: '8080',
  TIDINGS_SERVICE_PORT_HTTP: '8080',
  TIDINGS_SERVICE_PORT_METRICS: '9090',
  TIDINGS_PORT: 'tcp://10.96.31.7:8080',
  TIDINGS_PORT_8080_TCP: 'tcp://10.96.31.7:8080',
  TIDINGS_PORT_8080_TCP_PROTO: 'tcp',
  TIDINGS_PORT_8080_TCP_PORT: '8080',
  TIDINGS_PORT_8080_TCP_ADDR: '10.96.31.7',
  TIDINGS_PORT_9090_UDP: 'udp://[fd00:96::1f]:9090',
  TIDINGS_PORT_9090_UDP_PROTO: 'udp',
  TIDINGS_PORT_9090_UDP_PORT: '9090',
  TIDINGS_PORT_9090_UDP_ADDR: 'fd00:96::1f',
  TIDINGS_LIVE_SERVICE_HOST: '10.96.31.8',
  TIDINGS_LIVE_SERVICE_PORT: '8080',
  TIDINGS_LIVE_PORT: 'tcp://10.96.31.8:8080',
  TIDINGS_LIVE_PORT_8080_TCP: 'tcp://10.96.31.8:8080',
}

describe('the environment', () => {
  test('what Kubernetes puts beside a Service named tidings changes nothing', () => {
    expect(read(besideServices)).toEqual(read({}))
    expect(read({ ...besideServices, TIDINGS_PORT: '8081' }).port).toBe(8081)
  })

  test.each(Object.keys(besideServices).filter((name) => name !== 'TIDINGS_PORT'))(
    '%s with another value is refused: a platform does not write that',
    (name) => {
      expect(() => read({ [name]: 'yes please' })).toThrow(name)
    },
  )

  test('an empty variable counts as unset, whatever its name', () => {
    const empty = {
      TIDINGS_PORT: '',
      TIDINGS_HOST: '',
      TIDINGS_RETENTION: '',
      TIDINGS_CONFIG: '',
      TIDINGS_ANYTHING: '',
    }
    expect(readConfig({ flags: {}, env: empty })).toEqual(readConfig({ flags: {}, env: {} }))
  })

  test('a misspelled name is refused with the one that is meant', () => {
    expect(() => read({ TIDINGS_PROT: '8081' })).toThrow(/TIDINGS_PROT: is not a setting\. Did you mean TIDINGS_PORT\?/)
    expect(() => read({ TIDINGS_ALLOW_NETWORK: '10.0.0.0/8' })).toThrow(/Did you mean TIDINGS_ALLOW_NETWORKS\?/)
    expect(() => read({ TIDINGS_WEATHER: 'fine' })).toThrow(
      /TIDINGS_WEATHER: is not a setting\. `tidings start --help`/,
    )
  })

  test('a port that is no port is still refused', () => {
    expect(() => read({ TIDINGS_PORT: 'http://10.96.31.7:8080' })).toThrow(/TIDINGS_PORT: must be a whole number/)
  })
})

test('flags win over the environment, the environment over the file, the file over the defaults', () => {
  const file = fileOf('port: 1\nattempts: 10\ndrainSeconds: 3\n')
  const env = { TIDINGS_PORT: '2', TIDINGS_ATTEMPTS: '20' }
  expect(readConfig({ flags: { port: '4' }, env, file })).toMatchObject({
    ...{ port: 4, attempts: 20, drainSeconds: 3, sendThreads: 1 },
    file,
  })
})

test('every fault is told at once, wherever it stands', () => {
  const file = fileOf(`attempts: 3
retentoin: 14d
smtp: { url: 'smtp://[', from: a@b, cc: c@d }
entitySources: { invoice: x }
authorities: { a: { kind: saml } }
dialects: { standard: { x: 1 } }
eventTypes: [{ type: x }]
`)
  const faultsOf = () => {
    try {
      readConfig({ flags: { port: 'x' }, env: { TIDINGS_LOG_LEVEL: 'loud', TIDINGS_PROT: '1' }, file })
    } catch (error) {
      return (error as AppError).errors.map(({ pointer }) => pointer.replace(file, 'file'))
    }
    return []
  }
  expect(faultsOf().sort()).toEqual([
    '--port',
    'TIDINGS_LOG_LEVEL',
    'TIDINGS_PROT',
    'file line 1: attempts',
    'file line 2: retentoin',
    'file line 3: smtp.cc',
    'file line 3: smtp.to',
    'file line 3: smtp.url',
    'file line 4: entitySources.invoice',
    'file line 5: authorities.a.kind',
    'file line 6: dialects.standard',
    'file line 7: eventTypes.0.type',
  ])
})

describe('the file', () => {
  test('a name without a value counts as unset', () => {
    expect(readConfig({ flags: {}, env: {}, file: fileOf('port:\nhost: ~\n') })).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
    })
  })

  test('a misspelled name is refused with the one that is meant', () => {
    expect(() => readConfig({ flags: {}, env: {}, file: fileOf('eventType: []\n') })).toThrow(
      /eventType: is not a setting\. Did you mean eventTypes\?/,
    )
  })

  test('lines that name each other a billion times are a fault of the file', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'].map((pair) => [...pair]))
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`)
    expect(() => readConfig({ flags: {}, env: {}, file: fileOf(bomb.join('\n')) })).toThrow(/configuration/)
  })

  test('one that cannot be read is named, without the words of the system', () => {
    expect(() => readConfig({ flags: {}, env: { TIDINGS_CONFIG: '/nowhere/tidings.yaml' } })).toThrow(
      /\/nowhere\/tidings\.yaml: cannot be read: no such file or directory/,
    )
    expect(() => readConfig({ flags: {}, env: {}, file: tmpdir() })).toThrow(/cannot be read: it is a directory/)
  })
})

test('frames are named as the policy of the pages names them', () => {
  const read = (frameAncestors: string) => readConfig({ flags: { frameAncestors }, env: {} }).frameAncestors
  expect(read('https://App.example.com, https://*.example.org:8443,http://localhost:5173')).toEqual([
    'https://app.example.com',
    'https://*.example.org:8443',
    'http://localhost:5173',
  ])
  for (const bad of [
    ...['*', 'https://*', 'http://app.example.com', 'https://app.example.com/', 'https://a.example;script-src *'],
    ...['https://a.example https://b.example', 'app.example.com', "'self'", 'https://a.*.example.com', 'data:'],
  ]) {
    expect(() => read(bad), bad).toThrow('must be origins over https')
  }
})
