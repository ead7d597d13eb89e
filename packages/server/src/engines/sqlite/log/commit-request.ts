import type { NewEvent } from '../../../core/event/event.ts'
import { highHalf, lowHalf } from '../../../core/ids/tenant-id.ts'
import { fingerprintWords } from './id-digest.ts'
import type { CommitRequest } from './messages.ts'

/** Numbers of an event in `CommitRequest.fields`, in this order. */
export const field = {
  topic: 0,
  type: 1,
  isQuiet: 2,
  tenantHigh: 3,
  tenantLow: 4,
  keyLength: 5,
  headLength: 6,
  tailLength: 7,
  textBytes: 8,
  /** Length of its id in `ids`; -1: the id is not the publisher's. */
  idLength: 9,
  fingerprint0: 10,
  fingerprint1: 11,
} as const
export const fieldsPerEvent = 12

/** Gathers the appends of one commit in the form in which they cross to the writer. */
export class CommitRequestBuilder {
  #fields = new Float64Array(64 * fieldsPerEvent)
  #fieldCount = 0
  #text = Buffer.from(new ArrayBuffer(16_384))
  #textLength = 0
  #ids = ''
  readonly #counts: number[] = []
  readonly #topics = new Map<string, number>()
  readonly #types = new Map<string, number>()

  /** Bytes that wait here. */
  get bytes(): number {
    return this.#textLength + this.#fieldCount * 8 + this.#ids.length
  }

  /** @throws RangeError for a malformed fingerprint; nothing was added then */
  add(events: readonly NewEvent[]): void {
    const [fieldCount, textLength, ids] = [this.#fieldCount, this.#textLength, this.#ids]
    try {
      for (const event of events) this.#addEvent(event)
    } catch (error) {
      // One caller's bug must not shift the events of the others.
      this.#fieldCount = fieldCount
      this.#textLength = textLength
      this.#ids = ids
      throw error
    }
    this.#counts.push(events.length)
  }

  build(nowMs: number): { readonly request: CommitRequest; readonly transfer: ArrayBuffer[] } {
    const fields = this.#fields.subarray(0, this.#fieldCount)
    const text = this.#text.subarray(0, this.#textLength)
    return {
      request: {
        nowMs,
        counts: this.#counts,
        topics: [...this.#topics.keys()],
        types: [...this.#types.keys()],
        ids: this.#ids,
        fields,
        text,
      },
      transfer: [fields.buffer, text.buffer],
    }
  }

  #addEvent(event: NewEvent): void {
    const { entityKey, head, tail, fingerprint } = event
    const words = fingerprint === undefined ? undefined : fingerprintWords(fingerprint)
    const text = entityKey + head + tail
    this.#makeRoom(text.length * 3)
    const textBytes = this.#text.write(text, this.#textLength)
    const fields = this.#fields
    const at = this.#fieldCount
    fields[at + field.topic] = numberOf(this.#topics, event.topic)
    fields[at + field.type] = numberOf(this.#types, event.type)
    fields[at + field.isQuiet] = event.isQuiet ? 1 : 0
    fields[at + field.tenantHigh] = highHalf(event.tenantId)
    fields[at + field.tenantLow] = lowHalf(event.tenantId)
    fields[at + field.keyLength] = entityKey.length
    fields[at + field.headLength] = head.length
    fields[at + field.tailLength] = tail.length
    fields[at + field.textBytes] = textBytes
    fields[at + field.idLength] = words ? event.id.length : -1
    fields[at + field.fingerprint0] = words?.[0] ?? 0
    fields[at + field.fingerprint1] = words?.[1] ?? 0
    this.#fieldCount = at + fieldsPerEvent
    this.#textLength += textBytes
    if (words) this.#ids += event.id
  }

  /** @param textBytes the most that the next text can take: 3 bytes a UTF-16 code unit. */
  #makeRoom(textBytes: number): void {
    if (this.#textLength + textBytes > this.#text.length) {
      const grown = Buffer.from(new ArrayBuffer(Math.max(this.#text.length * 2, this.#textLength + textBytes)))
      this.#text.copy(grown, 0, 0, this.#textLength)
      this.#text = grown
    }
    if (this.#fieldCount + fieldsPerEvent > this.#fields.length) {
      const grown = new Float64Array(this.#fields.length * 2)
      grown.set(this.#fields)
      this.#fields = grown
    }
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, numbers.size)
  return numbers.size - 1
}
