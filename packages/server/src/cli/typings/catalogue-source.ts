import type { EventType } from '@tidings/client'
import { anyObject, SchemaTypes } from './schema-type.ts'
import { TakenNames } from './type-names.ts'
import { literal, objectText } from './type-text.ts'

/** The TypeScript of a catalogue: a type for each entity that has a schema, and `Catalogue`, which names all event types. */
export function catalogueSource(types: readonly EventType[]): string {
  const names = new TakenNames()
  names.take('Catalogue')
  names.take(anyObject)
  const declarations: string[] = []
  const members = types.map((type) => {
    const { dataSchema } = type
    let data = anyObject
    if (typeof dataSchema === 'object' && dataSchema !== null) {
      data = names.take(type.type, 'data')
      declarations.push(...new SchemaTypes(dataSchema as Record<string, unknown>, data, names).declarations())
    }
    return { name: type.type, type: eventText(type, data), description: type.description }
  })
  return `${[
    '// The event types of a Tidings server, written by `tidings generate types`. Changes to this file are lost when it is\n// written again.',
    `/** What no schema describes. */\nexport type ${anyObject} = { readonly [key: string]: unknown }`,
    ...declarations,
    `/** For \`new Tidings<Catalogue>({ … })\` and \`receive<Catalogue>({ … })\`. */\nexport type Catalogue = ${objectText(members)}`,
  ].join('\n\n')}\n`
}

function eventText({ topic, attributes, names }: EventType, data: string): string {
  const optional = attributes.map(({ name, type }) => ({ name, type: attributeType(type), isOptional: true }))
  const spelled = Object.entries(names).map(([name, text]) => ({ name, type: literal(text) }))
  return objectText([
    { name: 'topic', type: literal(topic) },
    { name: 'attributes', type: objectText(optional) },
    { name: 'data', type: data },
    { name: 'names', type: objectText(spelled) },
  ])
}

function attributeType(type: string): string {
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'unknown'
}
