import { TextDecoder } from 'node:util'
import { AppError } from '../core/errors.ts'
import { noteNumberTexts } from '../core/ids/number-texts.ts'
import { type JsonNode, parseJson, resourceCaps, toPlain } from '../core/json/json.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** @throws AppError `invalid_json` for bytes that are not UTF-8. */
export function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body)
  } catch (cause) {
    throw new AppError('invalid_json', 'The body is not UTF-8.', { cause })
  }
}

/** Keys that do harm where a parsed body is copied into an ordinary object. */
const poison = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * A resource's body as plain data; undefined when there is none.
 * @throws AppError `invalid_json` for what is not JSON, has a key twice, is too deep or too wide, or has a poisoned key.
 */
export function jsonOf(body: Uint8Array): unknown {
  if (body.byteLength === 0) return undefined
  const parsed = parseJson(textOf(body), resourceCaps)
  if (!parsed.ok) throw new AppError('invalid_json', `The body is not acceptable JSON: ${parsed.error.message}`)
  refusePoison(parsed.node)
  const plain = toPlain(parsed.node)
  noteNumberTexts(parsed.node, plain)
  return plain
}

function refusePoison(node: JsonNode): void {
  if (node.kind === 'array') node.items.forEach(refusePoison)
  if (node.kind !== 'object') return
  for (const { key, value } of node.members) {
    if (poison.has(key)) {
      throw new AppError('invalid_json', `There is no field \`${key}\`.`, {
        errors: [{ pointer: `/${key}`, code: 'unknown_field', detail: 'There is no such field.' }],
      })
    }
    refusePoison(value)
  }
}
