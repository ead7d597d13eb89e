import assets from './builtin/assets.json' with { type: 'json' }
import banking from './builtin/banking.json' with { type: 'json' }
import ledger from './builtin/ledger.json' with { type: 'json' }
import operational from './builtin/operational.json' with { type: 'json' }
import organisation from './builtin/organisation.json' with { type: 'json' }
import payments from './builtin/payments.json' with { type: 'json' }
import people from './builtin/people.json' with { type: 'json' }
import products from './builtin/products.json' with { type: 'json' }
import purchasing from './builtin/purchasing.json' with { type: 'json' }
import relations from './builtin/relations.json' with { type: 'json' }
import sales from './builtin/sales.json' with { type: 'json' }
import work from './builtin/work.json' with { type: 'json' }
import { Catalogue } from './catalogue.ts'
import type { AttributeType, DialectDetails, EventTypeDefinition } from './event-type.ts'

/** An entity as the files of `builtin/` hold it: what its types share, then each by its action. */
interface BuiltinEntity {
  readonly entity: string
  /** With its article, as `an invoice`: the descriptions are made of it. */
  readonly called: string
  readonly topic: string
  readonly attributes?: Readonly<Record<string, AttributeType>>
  /** Details that all types of the entity have, where they have a name in the dialect. */
  readonly dialects?: Readonly<Record<string, DialectDetails>>
  readonly types: Readonly<Record<string, BuiltinType>>
}

interface BuiltinType {
  readonly description?: string
  readonly attributes?: Readonly<Record<string, AttributeType>>
  /** By dialect: the name, or the name with details, which go before those of the entity. */
  readonly dialects: Readonly<Record<string, string | (DialectDetails & { readonly name: string })>>
}

// The types that the compiler infers from the files differ from entity to entity.
const areas = [
  sales,
  purchasing,
  relations,
  products,
  ledger,
  assets,
  payments,
  banking,
  organisation,
  people,
  work,
  operational,
] as unknown as readonly (readonly BuiltinEntity[])[]

/**
 * The catalogue that Tidings comes with: every event of the five systems.
 *
 * @param canonicalDialects dialects that use the types themselves as names
 */
export function builtinCatalogue(canonicalDialects: ReadonlySet<string> = new Set()): Catalogue {
  return Catalogue.empty(canonicalDialects).with(areas.flatMap((area) => area.flatMap(definitionsOf)))
}

function definitionsOf(entity: BuiltinEntity): EventTypeDefinition[] {
  return Object.entries(entity.types).map(([action, { description, attributes, dialects }]) => {
    const names: Record<string, string> = {}
    const details: Record<string, DialectDetails> = {}
    for (const [dialect, entry] of Object.entries(dialects)) {
      const { name, ...own } = typeof entry === 'string' ? { name: entry } : entry
      names[dialect] = name
      details[dialect] = { ...entity.dialects?.[dialect], ...own }
    }
    return {
      type: `${entity.entity}.${action}`,
      topic: entity.topic,
      description: description ?? describe(entity.called, action),
      attributes: Object.entries({ ...entity.attributes, ...attributes }).map(([name, type]) => ({ name, type })),
      names,
      details,
    }
  })
}

function describe(called: string, action: string): string {
  const words = action.replaceAll('-', ' ').replace('email', 'e-mail')
  if (words.startsWith('state changed')) return `The state of ${called} ${words.slice('state '.length)}.`
  return `${called[0]?.toUpperCase()}${called.slice(1)} was ${words}.`
}
