import { SignatureError } from '../errors.ts'
import { fromJson } from '../json-text.ts'
import type { WebhookRequest } from './webhook-request.ts'

export interface VerifyTerms {
  /** At least one. */
  readonly secrets: readonly string[]
  readonly toleranceSeconds: number
  readonly nowMs: number
}

/** A webhook that is to be believed. */
export interface Verified<Event> {
  /** The delivery's id, the same on every attempt. */
  readonly deliveryId: string
  readonly events: readonly Event[]
  /** Of a batch, what each event is recognised by: its delivery comes again by itself, under another id. */
  readonly eventKeys?: readonly string[]
}

export interface WebhookAnswer {
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
}

/** How one dialect's webhooks are told from forged ones, read, and answered. */
export interface WebhookContract<Event> {
  readonly methods: readonly string[]
  /** What its sender takes for success. */
  readonly successStatus: 200 | 204
  /** @throws SignatureError; SyntaxError when what was signed is not JSON */
  verify(request: WebhookRequest, terms: VerifyTerms): Promise<Verified<Event>>
  /** Answers requests that carry no delivery: a sender asks whether it may send. Undefined: it is none of those. */
  greet?(request: WebhookRequest, mayOrigin: (origin: string) => boolean): WebhookAnswer | undefined
}

/** @throws SignatureError `too_old`, `too_new` */
export function checkTime(signedAtSeconds: number, { toleranceSeconds, nowMs }: VerifyTerms): void {
  const ageSeconds = Math.floor(nowMs / 1_000) - signedAtSeconds
  if (ageSeconds > toleranceSeconds) throw new SignatureError('too_old', `the webhook was signed ${ageSeconds} s ago`)
  if (-ageSeconds > toleranceSeconds)
    throw new SignatureError('too_new', `the webhook was signed ${-ageSeconds} s ahead`)
}

export function noMatch(): SignatureError {
  return new SignatureError('no_match', 'no signature of the webhook matches: is it the right signing secret?')
}

/** A body of a dialect that has wide integers, with its text. @throws SyntaxError */
export function readBody<Event extends { readonly raw: string }>(text: string): Event {
  return Object.defineProperty(fromJson(text) as object, 'raw', { value: text, enumerable: false }) as Event
}
