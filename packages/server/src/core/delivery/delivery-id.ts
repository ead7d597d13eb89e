import { hash } from 'node:crypto'
import { mixInteger, mixNumber } from '../ids/check-mix.ts'
import type { DeliveryKey } from './delivery.ts'

/**
 * A delivery's id outside: its key, spelled in base 62, so that nothing has to be stored to find
 * the delivery again, and every attempt after every crash carries the same id.
 *
 *   id       = "dlv_" shape check subscription position partition
 *   shape    = digit: (digits of subscription - 1) * 9 + (digits of position - 1)
 *   check    = 5 digits over log epoch, subscription, partition and position
 *   partition is absent when 0; numbers are big-endian, without leading zeros
 */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const prefix = 'dlv_'
const checkDigits = 5
const batchDigits = 12
const version = 0x54_49_44_02

export function encodeDeliveryId(key: DeliveryKey & { readonly epoch: number }): string {
  const subscription = spell(key.subscription)
  const position = spell(key.position)
  const partition = key.partition === 0 ? '' : spell(key.partition)
  const shape = alphabet[(subscription.length - 1) * 9 + position.length - 1]
  return `${prefix}${shape}${checkOf(key)}${subscription}${position}${partition}`
}

/** The key that an id names, or undefined when it is not an id of this log. */
export function decodeDeliveryId(text: string, epoch: number): DeliveryKey | undefined {
  if (!/^dlv_[0-9A-Za-z]{8,27}$/.test(text)) return undefined
  const shape = alphabet.indexOf(text[prefix.length]!)
  const start = prefix.length + 1 + checkDigits
  const middle = start + Math.floor(shape / 9) + 1
  const end = middle + (shape % 9) + 1
  if (text.length < end) return undefined
  const key = {
    subscription: read(text.slice(start, middle)),
    partition: text.length === end ? 0 : read(text.slice(end)),
    position: read(text.slice(middle, end)),
  }
  if (!Object.values(key).every(Number.isSafeInteger)) return undefined
  // Spelling it again compares the check, and refuses every other spelling of the same key.
  return encodeDeliveryId({ ...key, epoch }) === text ? key : undefined
}

/**
 * The id of several deliveries that are sent as one: the first one's, and a hash of them all, so that
 * a batch with other members is never taken for a repeat of this one. One delivery by itself keeps its id.
 */
export function batchIdOf(deliveries: readonly [Identified, ...Identified[]]): string {
  const [{ deliveryId }] = deliveries
  if (deliveries.length === 1) return deliveryId
  const members = deliveries.map((each) => each.deliveryId).join(' ')
  return `${deliveryId}.${hash('sha256', members).slice(0, batchDigits)}`
}

interface Identified {
  readonly deliveryId: string
}

function checkOf(key: DeliveryKey & { readonly epoch: number }): string {
  const seed = mixNumber(mixNumber(mixNumber(version, key.epoch), key.subscription), key.partition)
  const check = (mixInteger(seed, key.position) >>> 0) % 62 ** checkDigits
  return spell(check).padStart(checkDigits, '0')
}

function spell(value: number): string {
  let text = ''
  do {
    text = alphabet[value % 62] + text
    value = Math.floor(value / 62)
  } while (value > 0)
  return text
}

function read(text: string): number {
  let value = 0
  for (const char of text) value = value * 62 + alphabet.indexOf(char)
  return value
}
