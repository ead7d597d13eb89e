import { SignatureError } from '../errors.ts'

/** A `Headers`, or Node's `request.headers`. */
export type WebhookHeaders = Headers | { readonly [name: string]: string | readonly string[] | undefined }

/** A request as a contract reads it: nothing of it has been parsed. */
export interface WebhookRequest {
  readonly method: string
  /** With its query; only deliveries by GET have something to say there. */
  readonly url: string
  readonly headers: WebhookHeaders
  /** Exactly as it came. */
  readonly body: Uint8Array
}

export function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const value = isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const text = Array.isArray(value) ? value[0] : value
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** @throws SignatureError `missing_header` */
export function neededHeader(headers: WebhookHeaders, name: string): string {
  const value = headerOf(headers, name)
  if (value === undefined) throw new SignatureError('missing_header', `the header ${name} is missing`)
  return value
}

/** Names in lower case. */
export function headerEntries(headers: WebhookHeaders): [name: string, value: string][] {
  const entries = isHeaders(headers) ? [...headers] : Object.entries(headers)
  return entries.flatMap(([name, value]): [string, string][] => {
    const text = Array.isArray(value) ? value[0] : value
    return typeof text === 'string' ? [[name.toLowerCase(), text]] : []
  })
}

function isHeaders(headers: WebhookHeaders): headers is Headers {
  return 'get' in headers && typeof headers.get === 'function'
}

export const textOf = (body: Uint8Array): string => new TextDecoder().decode(body)
