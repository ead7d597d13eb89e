import { Type } from 'typebox'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import type { Catalogue } from '../../catalogue/catalogue.ts'
import { addOperatorTypes } from '../../catalogue/operator-types.ts'
import { dialects } from '../../dialects/dialects.ts'
import { section } from '../schema/section.ts'

/**
 * The operator's event types, onto the built-in ones:
 *
 *   eventTypes:
 *     - type: machine.started
 *       topic: machines
 *       names: { visma-business-nxt: Machine INSERT }
 */
export const eventTypes = section({
  schema: Type.Array(Type.Unknown(), { fault: 'must be a list of event types' }),
  absent: builtin,
  read(given, report): Catalogue {
    const added = addOperatorTypes(builtin(), given)
    if (added.kind === 'added') return added.catalogue
    for (const { pointer, detail } of added.errors) {
      const path = pointer.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
      report(path.slice(1), detail)
    }
    return builtin()
  },
})

function builtin(): Catalogue {
  return builtinCatalogue(new Set(dialects.filter(({ isCanonical }) => isCanonical).map(({ name }) => name)))
}
