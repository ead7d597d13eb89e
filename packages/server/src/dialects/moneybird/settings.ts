import type { FieldError } from '../../core/errors.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { numberOfWebhookId } from './webhook-id.ts'

/**
 * What this dialect keeps in `Subscription.settings`:
 *
 *   token          24 letters and digits, in every push: not secret, and shown by the contract
 *   webhookId      only of an imported webhook: the id that its integrator knows
 *   enabledEvents  as they were given; `types` are what they mean; null: `types` were changed natively
 */
export function webhookTokenOf({ settings }: Pick<Subscription, 'settings'>): string {
  return typeof settings.token === 'string' ? settings.token : ''
}

const tokenLength = 24
const tokenGrammar = /^[0-9A-Za-z]{24}$/
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function makeToken(random: (bytes: number) => Uint8Array): string {
  let token = ''
  while (token.length < tokenLength) {
    // Above the last multiple of 62 some letters would come more often than others.
    for (const byte of random(tokenLength)) if (byte < 248 && token.length < tokenLength) token += alphabet[byte % 62]
  }
  return token
}

/** 64 hex digits. */
export function makeSecret(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(32)).toString('hex')
}

/** Natively a webhook of another system may be given the id and the token that it had there. */
export function checkMoneybirdSettings(given: Readonly<Record<string, unknown>>): readonly FieldError[] {
  const faults: FieldError[] = []
  for (const [name, value] of Object.entries(given)) {
    const pointer = `/settings/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (name === 'token') {
      if (typeof value !== 'string' || !tokenGrammar.test(value)) {
        faults.push({ pointer, code: 'invalid_value', detail: 'A token is 24 letters and digits.' })
      }
    } else if (name === 'webhookId') {
      if (typeof value !== 'string' || !/^[1-9]\d{16,17}$/.test(value) || numberOfWebhookId(value) !== undefined) {
        faults.push({
          pointer,
          code: 'invalid_value',
          detail: 'An id is a text of 17 or 18 digits, not one of Tidings.',
        })
      }
    } else {
      faults.push({ pointer, code: 'unknown_field', detail: 'Moneybird has the settings `token` and `webhookId`.' })
    }
  }
  return faults
}
