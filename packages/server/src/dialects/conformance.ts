import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttemptOutcome, attemptOutcome } from '../core/delivery/attempt-outcome.ts'
import type {
  DeliveryInput,
  EncodeContext,
  EncodedRequest,
  LiveSecret,
  WebhookDialect,
} from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'

export interface GoldenCase {
  /** Its bytes are `<name>.http` in `folder`, written as by `wireText`. */
  readonly name: string
  readonly deliveries: readonly [DeliveryInput, ...DeliveryInput[]]
  readonly context: EncodeContext
}

/** What a dialect promises, written down again apart from its code. */
export interface DialectGoldens {
  readonly name: string
  /** Of the golden files, with a slash at its end. */
  readonly folder: URL
  readonly cases: readonly [GoldenCase, ...GoldenCase[]]
  readonly subscription: Subscription
  /** A delivery, as the dialect gets it, of an event whose entity is this JSON text (an object). */
  readonly delivery: (entity: string) => DeliveryInput
  /** The id that stays the same over all attempts; null: the contract has none. */
  readonly idOf: ((request: EncodedRequest) => string | undefined) | null
  readonly signing: {
    /** Made by the dialect's own contract; all of them sign at once. */
    readonly secrets: readonly [LiveSecret, ...LiveSecret[]]
    /** As a receiver that shares no code with the server. Throws, or gives false, when it does not verify. */
    readonly verify: (request: EncodedRequest, secret: LiveSecret) => unknown
  } | null
  readonly policy: {
    readonly isDelivered: (status: number) => boolean
    readonly disablesOnGone: boolean
    readonly retryDelaysSeconds: readonly number[]
    /** The longest that jitter makes a delay, as a multiple of it. */
    readonly longestDelay: number
    readonly afterLastAttempt: 'keep' | 'disable'
    readonly disableAfterFailingMs: number | null
  }
}

/** A request as text: its line, its headers in order, an empty line, its body. */
function wireText({ method, url, headers, body }: EncodedRequest): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\n`)
  return `${method} ${url}\n${lines.join('')}\n${body ?? ''}`
}

const failure = { status: 500, error: null, retryAfter: null, nowMs: 0, random: 0 } as const
const exactEntity =
  '{"id":20250206211528366,"total":12345678901234567.89,"rate":1.10,"name":"Þórðr 株式会社 😀 \\u00e5"}'
const exactTexts = ['20250206211528366', '12345678901234567.89', '1.10']
const hasNonAscii = /株式会社 😀/

/** Every webhook dialect passes this. */
export function describeDialect(dialect: WebhookDialect, goldens: DialectGoldens): void {
  const { subscription, signing, policy: expected } = goldens
  const nowMs = Date.now()
  const secrets = signing?.secrets ?? []
  const contextAt = (atMs: number): EncodeContext => ({ subscription, secrets, nowMs: atMs })
  const encode = (delivery: DeliveryInput, context = contextAt(nowMs)) => dialect.encode([delivery], context)
  const policy = dialect.policyOf?.(subscription) ?? dialect.policy

  describe(`${goldens.name}: bytes`, () => {
    test.each(goldens.cases)('$name', ({ name, deliveries, context }) => {
      const golden = readFileSync(new URL(`${name}.http`, goldens.folder), 'utf8')
      expect(wireText(dialect.encode(deliveries, context))).toBe(golden)
    })

    test('the same input gives the same bytes, whatever was encoded between', () => {
      const [first, ...others] = goldens.cases.map(
        ({ deliveries, context }) =>
          () =>
            dialect.encode(deliveries, context),
      )
      const before = wireText(first!())
      for (const other of others) other()
      expect(wireText(first!())).toBe(before)
    })

    test('the input is not changed', () => {
      for (const { deliveries, context } of goldens.cases) {
        const before = structuredClone({ deliveries, context })
        dialect.encode(deliveries, context)
        expect({ deliveries, context }).toEqual(before)
      }
    })

    test('every digit and every character is kept', () => {
      const { url, body } = encode(goldens.delivery(exactEntity))
      const text = `${decodeURIComponent(new URL(url).search)}${body}`
      for (const exact of exactTexts) expect(text).toContain(exact)
      expect(text).toMatch(hasNonAscii)
    })

    test('nothing in an event breaks out of its place', () => {
      const hostile = JSON.stringify({ id: 'a\r\nx-injected: 1\u0000', 'quote"\\': '\u2028]}', total: 1 })
      const { url, headers, body } = encode(goldens.delivery(hostile))
      expect(new URL(url).host).toBe(new URL(subscription.endpoint.url).host)
      for (const [name, value] of headers) {
        expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
        expect(value).toMatch(/^[\x20-\x7e]*$/)
      }
      if (body !== null) expect(() => JSON.parse(body)).not.toThrow()
    })

    test('the headers that belong to the transport and the sender stay theirs', () => {
      const names = encode(goldens.delivery('{}')).headers.map(([name]) => name.toLowerCase())
      for (const theirs of ['host', 'content-length', 'transfer-encoding', 'authorization', 'connection']) {
        expect(names).not.toContain(theirs)
      }
      expect(new Set(names).size).toBe(names.length)
    })
  })

  describe(`${goldens.name}: identity`, () => {
    test('the id and the body are the same on every attempt', () => {
      const delivery = goldens.delivery('{"id":1}')
      const first = encode(delivery)
      for (const attempt of [2, 3, 10]) {
        const later = encode({ ...delivery, attempt }, contextAt(nowMs + attempt * 60_000))
        expect(later.body).toBe(first.body)
        if (goldens.idOf) expect(goldens.idOf(later)).toBe(goldens.idOf(first))
      }
      if (goldens.idOf) expect(goldens.idOf(first)).toBeTruthy()
    })

    const { idOf } = goldens
    if (!idOf) return
    test('two deliveries have two ids', () => {
      const delivery = goldens.delivery('{"id":1}')
      const other = { ...delivery, deliveryId: `${delivery.deliveryId}x` }
      expect(idOf(encode(other))).not.toBe(idOf(encode(delivery)))
    })
  })

  if (signing) {
    describe(`${goldens.name}: signatures`, () => {
      const { verify } = signing
      const isVerified = (request: EncodedRequest, secret: LiveSecret): boolean => {
        try {
          return verify(request, secret) !== false
        } catch {
          return false
        }
      }

      test('every live secret verifies the exact bytes, and no changed one', () => {
        fc.assert(
          fc.property(fc.string({ unit: 'grapheme' }), (name) => {
            const request = encode(goldens.delivery(JSON.stringify({ id: 1, name })))
            for (const secret of secrets) {
              expect(isVerified(request, secret)).toBe(true)
              expect(isVerified({ ...request, body: `${request.body} ` }, secret)).toBe(false)
            }
          }),
          { numRuns: 50 },
        )
      })

      test('a secret that has left its overlap signs no more', () => {
        const [current, ...former] = secrets
        const request = encode(goldens.delivery('{"id":1}'), { ...contextAt(nowMs), secrets: [current!] })
        expect(isVerified(request, current!)).toBe(true)
        for (const secret of former) expect(isVerified(request, secret)).toBe(false)
      })

      test('no secret is in the request, in any spelling', () => {
        const text = wireText(encode(goldens.delivery(exactEntity)))
        for (const { secret } of secrets) {
          for (const spelling of spellingsOf(secret)) expect(text.includes(spelling)).toBe(false)
        }
      })
    })
  }

  describe(`${goldens.name}: retries`, () => {
    test.each([0, 0.5, 1 - Number.EPSILON])('by the clock, with the dice at %d', (random) => {
      const waitedMs: number[] = []
      const at = { nowMs: 1_800_000_000_000, random }
      let outcome: AttemptOutcome
      for (;;) {
        outcome = attemptOutcome(policy, { ...failure, ...at, attempts: waitedMs.length + 1 })
        if (outcome.kind !== 'retry') break
        waitedMs.push(outcome.dueAtMs - at.nowMs)
        at.nowMs = outcome.dueAtMs
      }
      expect(waitedMs).toHaveLength(expected.retryDelaysSeconds.length)
      for (const [index, delaySeconds] of expected.retryDelaysSeconds.entries()) {
        const longest = 1 + (expected.longestDelay - 1) * random
        expect(Math.abs(waitedMs[index]! - delaySeconds * 1_000 * longest)).toBeLessThanOrEqual(1)
      }
      const disable = expected.afterLastAttempt === 'disable' ? 'attempts_exhausted' : null
      expect(outcome).toEqual({ kind: 'failed', error: 'http_500', disable })
    })

    test('every status from 100 to 999', () => {
      for (let status = 100; status <= 999; status++) {
        const outcome = attemptOutcome(policy, { ...failure, status, attempts: 1 })
        expect([status, outcome]).toMatchObject([status, expectedOutcome(status)])
      }
    })

    test('a failure of the transport is a failure, whatever status came before it', () => {
      for (const status of [null, 200, 410, 500]) {
        const outcome = attemptOutcome(policy, { ...failure, status, error: 'invalid_http', attempts: 1 })
        expect(outcome).toMatchObject(expectedFailure('invalid_http'))
      }
    })

    test('when it is disabled', () => {
      expect(policy.disableAfterFailingMs).toBe(expected.disableAfterFailingMs)
    })
  })

  function expectedOutcome(status: number): object {
    if (expected.isDelivered(status)) return { kind: 'delivered' }
    if (status === 410 && expected.disablesOnGone) return { kind: 'failed', error: 'gone', disable: 'gone' }
    return expectedFailure(`http_${status}`)
  }

  function expectedFailure(error: string): object {
    return { kind: expected.retryDelaysSeconds.length > 0 ? 'retry' : 'failed', error }
  }
}

function spellingsOf(secret: string): string[] {
  const raw = secret.replace(/^wh(sec|sk)_/, '')
  const bytes = raw === secret ? Buffer.from(secret, 'utf8') : Buffer.from(raw, 'base64')
  return [
    secret,
    raw,
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
  ]
}
