import { refusalOf, type ValidationMessage } from './refusal.ts'

/** A subscription as a client sends it; what is absent is not given. */
export interface SubscriptionInput {
  readonly id?: number | null
  readonly version?: number | null
  readonly event?: string | null
  readonly targetUrl?: string | null
  readonly fields?: string | null
  readonly status?: string | null
  readonly authHeaderName?: string | null
  readonly authHeaderValue?: string | null
  readonly hmacSharedSecret?: string | null
}

/** `ignored`: the server's own, which clients send back as they got it. */
const shapes: Readonly<Record<string, 'integer' | 'text' | 'ignored'>> = {
  id: 'integer',
  version: 'integer',
  changes: 'ignored',
  url: 'ignored',
  event: 'text',
  targetUrl: 'text',
  fields: 'text',
  status: 'text',
  authHeaderName: 'text',
  authHeaderValue: 'text',
  hmacSharedSecret: 'text',
}

/** One subscription; no body is one without fields. @throws TripletexError 422, code 16000 */
export function readInput(body: unknown): SubscriptionInput {
  const faults: ValidationMessage[] = []
  const input = inputOf(body ?? {}, null, faults)
  if (faults.length > 0) throw refusalOf('mapping', faults)
  return input
}

/** Several of them. @throws TripletexError 422, code 16000, with the faults of all */
export function readInputs(body: unknown): SubscriptionInput[] {
  const items = body ?? []
  if (!Array.isArray(items)) throw refusalOf('mapping', [{ field: '', message: 'Must be an array.', path: null }])
  const faults: ValidationMessage[] = []
  const inputs = items.map((item, index) => inputOf(item, index, faults))
  if (faults.length > 0) throw refusalOf('mapping', faults)
  return inputs
}

export function placeOf(index: number | null, field: string): string | null {
  return index === null ? null : `[${index}].${field}`
}

function inputOf(item: unknown, index: number | null, faults: ValidationMessage[]): SubscriptionInput {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    faults.push({ field: '', message: 'Must be an object.', path: index === null ? null : `[${index}]` })
    return {}
  }
  const input: Record<string, unknown> = {}
  for (const [field, given] of Object.entries(item)) {
    const shape = Object.hasOwn(shapes, field) ? shapes[field] : undefined
    const fault = (message: string) => faults.push({ field, message, path: placeOf(index, field) })
    if (shape === undefined) fault('There is no field of this name.')
    else if (shape === 'integer' && given !== null && !Number.isSafeInteger(given)) fault('Must be an integer.')
    else if (shape === 'text' && given !== null && typeof given !== 'string') fault('Must be a string.')
    else if (shape !== 'ignored') input[field] = given
  }
  return input
}
