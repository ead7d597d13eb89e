import type { TenantId } from '../../core/ids/tenant-id.ts'
import { jsonValue } from '../../core/json/json-text.ts'

/**
 * One message is one JSON object with a `command`:
 *
 *   {"command":"add-tenants-v1","includeChildTenants":false,"clientSecret":"6565df","accessTokens":["Bearer ouho"]}
 *   {"command":"remove-tenants-v1","tenants":[34231]}
 *   {"command":"list-tenants-v1"}
 *   {"command":"add-topics-v1","topics":[{"topic":"invoices","offset":"xDy7J"}]}
 *   {"command":"subscribe-v1"}
 *
 * Optional fields may be null. Fields that a command does not have are passed over.
 */
export type Command =
  | {
      readonly name: 'add-tenants-v1'
      readonly includeChildTenants: boolean
      readonly clientSecret: string
      /** As sent. */
      readonly accessTokens: readonly string[]
    }
  | { readonly name: 'remove-tenants-v1'; readonly tenants: readonly TenantId[] }
  | { readonly name: 'list-tenants-v1' }
  | { readonly name: 'add-topics-v1'; readonly topics: readonly RequestedTopic[] }
  | { readonly name: 'subscribe-v1' }

export interface RequestedTopic {
  readonly topic: string
  readonly offset: string | undefined
}

/** A message that is no command. */
export interface CommandFault {
  /** What the reply names: the command as sent, or null when it could not be read. */
  readonly response: string | null
  readonly message: string
  /** Whether it counts towards the error budget: it is not JSON, is binary, or names no known command. */
  readonly isCounted: boolean
}

export type ParsedMessage =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'fault'; readonly fault: CommandFault }

type CommandFields = Readonly<Record<string, unknown>>

const parsers: { readonly [Name in Command['name']]: (fields: CommandFields) => Command | string } = {
  'add-tenants-v1': (fields) => {
    const { includeChildTenants = null, clientSecret, accessTokens } = fields
    if (includeChildTenants !== null && typeof includeChildTenants !== 'boolean') {
      return '`includeChildTenants` must be true or false.'
    }
    if (typeof clientSecret !== 'string') return '`clientSecret` must be a string.'
    if (!isArrayOf(accessTokens, isString)) return '`accessTokens` must be an array of strings.'
    return {
      name: 'add-tenants-v1',
      includeChildTenants: includeChildTenants ?? false,
      clientSecret,
      accessTokens: [...new Set(accessTokens)],
    }
  },
  'remove-tenants-v1': ({ tenants }) =>
    isArrayOf(tenants, isNumber)
      ? { name: 'remove-tenants-v1', tenants: [...new Set(tenants)] }
      : '`tenants` must be an array of numbers.',
  'list-tenants-v1': () => ({ name: 'list-tenants-v1' }),
  'add-topics-v1': ({ topics }) =>
    isArrayOf(topics, isTopic)
      ? {
          name: 'add-topics-v1',
          topics: topics.map(({ topic, offset }) => ({ topic, offset: offset ?? undefined })),
        }
      : '`topics` must be an array of objects with a `topic` and, if wanted, an `offset`, both strings.',
  'subscribe-v1': () => ({ name: 'subscribe-v1' }),
}

/** Longer names are nobody's, and not worth sending back. */
const maxEchoLength = 64

export function parseMessage(text: string): ParsedMessage {
  let value: unknown
  try {
    value = jsonValue(text)
  } catch {
    return fault(null, 'The message is not JSON.', true)
  }
  const fields = isObject(value) ? value : {}
  const name = fields.command
  if (typeof name !== 'string') return fault(null, 'The message must be a JSON object with a `command`.', true)
  if (!isCommandName(name)) {
    const commands = Object.keys(parsers).join(', ')
    return fault(name.length <= maxEchoLength ? name : null, `There is no such command. Known are ${commands}.`, true)
  }
  const command = parsers[name](fields)
  return typeof command === 'string' ? fault(name, command, false) : { kind: 'command', command }
}

export const binaryMessage: CommandFault = {
  response: null,
  message: 'Commands are sent as text messages, not binary ones.',
  isCounted: true,
}

/** A token without the word `Bearer` before it, with which clients may send it. */
export function bareToken(token: string): string {
  return token.replace(/^Bearer +/i, '')
}

function fault(response: string | null, message: string, isCounted: boolean): ParsedMessage {
  return { kind: 'fault', fault: { response, message, isCounted } }
}

function isCommandName(name: string): name is Command['name'] {
  return Object.hasOwn(parsers, name)
}

function isObject(value: unknown): value is CommandFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isArrayOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem)
}

const isString = (item: unknown): item is string => typeof item === 'string'
const isNumber = (item: unknown): item is TenantId => typeof item === 'number' || typeof item === 'bigint'

function isTopic(item: unknown): item is { readonly topic: string; readonly offset?: string | null } {
  if (!isObject(item) || typeof item.topic !== 'string') return false
  return item.offset === undefined || item.offset === null || typeof item.offset === 'string'
}
