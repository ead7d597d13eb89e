import { type JsonObject, materialize, member, parseJson, withoutCaps } from '../../core/json/json.ts'

/** A member as JSON text: its key with quotes, its value. */
type EntityMember = readonly [keyText: string, valueText: string]

/** Before which key, where the entity has it, the vendor writes `external_ids`. */
const afterExternalIds = { client: 'buyer', invoice: 'client', product: 'category_name' } as const
export type EntityKind = keyof typeof afterExternalIds

/**
 * An entity as the vendor sends it: `external_ids` and `skip_webhooks` come in where it lacks them, in
 * the vendor's places; everything else stays as it is, to the letter and in order.
 *
 * @param data canonical JSON text of the entity; null, or no object: nothing is known but its id
 * @param idText the entity's id as JSON text; null: it has none to show
 */
export function entityText(kind: EntityKind, data: string | null, idText: string | null): string {
  const entity = data === null ? undefined : objectOf(data)
  // An invoice's id stands beside it (`{"id":111,"deal":{…}}`), the others' within.
  if (!entity) return write(completed(kind === 'invoice' || idText === null ? [] : [['"id"', idText]], idText))
  const members = entity.members.map(({ key, keyText, value }): EntityMember => {
    const isClient = kind === 'invoice' && key === 'client' && value.kind === 'object'
    return [keyText, isClient ? invoiceClient(value, entity) : value.text]
  })
  return write(completed(members, idText, `"${afterExternalIds[kind]}"`))
}

/** The client within an invoice is an entity too; there the vendor writes the two the other way round. */
function invoiceClient(node: JsonObject, invoice: JsonObject): string {
  const client = materialize(node, 1)
  const members = client.members.map(({ keyText, value }): EntityMember => [keyText, value.text])
  if (!has(members, 'skip_webhooks')) members.push(['"skip_webhooks"', 'true'])
  // The id of the invoice is not the client's, so without one that is known there is none to show.
  const id = member(client, 'id') ?? member(invoice, 'client_id')
  if (!has(members, 'external_ids') && id && id.kind !== 'null') members.push(externalIds(id.text))
  return write(members)
}

function completed(members: readonly EntityMember[], idText: string | null, before?: string): readonly EntityMember[] {
  const all = [...members]
  if (!has(all, 'external_ids') && idText !== null) {
    const at = all.findIndex(([keyText]) => keyText === before || keyText === '"skip_webhooks"')
    all.splice(at < 0 ? all.length : at, 0, externalIds(idText))
  }
  if (!has(all, 'skip_webhooks')) all.push(['"skip_webhooks"', 'true'])
  return all
}

function externalIds(idText: string): EntityMember {
  return ['"external_ids"', `{"fakturownia":${idText}}`]
}

function has(members: readonly EntityMember[], key: string): boolean {
  return members.some(([keyText]) => keyText === `"${key}"` || JSON.parse(keyText) === key)
}

function write(members: readonly EntityMember[]): string {
  return `{${members.map(([keyText, valueText]) => `${keyText}:${valueText}`).join()}}`
}

function objectOf(text: string): JsonObject | undefined {
  const parsed = parseJson(text, { ...withoutCaps, materializeDepth: 1 })
  return parsed.ok && parsed.node.kind === 'object' ? parsed.node : undefined
}
