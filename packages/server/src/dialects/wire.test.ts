import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { dialects } from './dialects.ts'
import { type WireMessage, wireMessages } from './wire.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)

interface GoldenRequest {
  readonly file: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function goldensOf(dialect: string): GoldenRequest[] {
  const folder = new URL(`./${dialect}/goldens/`, import.meta.url)
  return readdirSync(folder).map((file) => {
    const content = readFileSync(new URL(file, folder), 'utf8')
    const [head = '', ...rest] = content.split('\n\n')
    const lines = head.split('\n').slice(1)
    const headers = lines.map((line) => {
      const [name = '', ...value] = line.split(': ')
      return [name.toLowerCase(), value.join(': ')]
    })
    return { file, headers: Object.fromEntries(headers), body: rest.join('\n\n').trim() }
  })
}

/** Why the request is not one of this form; empty when it is. */
function faultsOf(message: WireMessage, { headers, body }: GoldenRequest): string[] {
  const faults: string[] = []
  const described = Object.keys(message.headers)
  for (const name of Object.keys(headers)) {
    if (!described.includes(name) && !described.includes(`${name}?`)) faults.push(`${name} is not described`)
  }
  for (const name of described) {
    if (!name.endsWith('?') && headers[name] === undefined) faults.push(`${name} is missing`)
  }
  const type = headers['content-type']
  if (type !== undefined && type !== message.contentType) faults.push(`content-type is ${type}`)
  if (body !== '' && !ajv.validate(message.payload, JSON.parse(body))) faults.push(ajv.errorsText())
  return faults
}

const webhookDialects = dialects.filter(({ webhook }) => webhook !== null).map(({ name }) => name)

test('every webhook dialect is described', () => {
  expect(Object.keys(wireMessages).sort()).toEqual([...webhookDialects].sort())
})

describe.each(webhookDialects)('%s', (dialect) => {
  const forms = Object.values(wireMessages[dialect] ?? {})

  test.each(goldensOf(dialect))('$file is as described', (golden) => {
    const faults = forms.map((message) => faultsOf(message, golden))
    expect(faults).toContainEqual([])
  })

  test('each form has an example among the golden bytes', () => {
    const goldens = goldensOf(dialect)
    for (const message of forms) {
      expect(goldens.filter((golden) => faultsOf(message, golden).length === 0)).not.toEqual([])
    }
  })
})
