import { Type } from 'typebox'
import type { Dialect } from '../../dialects/contract/dialect.ts'
import { dialects as known } from '../../dialects/dialects.ts'
import type { Mapping, Report } from '../schema/schema-reading.ts'
import { section } from '../schema/section.ts'

/**
 * What the operator set for dialects; each checks its own settings:
 *
 *   dialects:
 *     fakturownia: { appName: myapp, locale: en }
 */
export const dialects = section({
  schema: Type.Object(
    Object.fromEntries(
      known.flatMap(({ name, checkOperatorSettings }) =>
        checkOperatorSettings ? [[name, Type.Optional(settingsOf(checkOperatorSettings))]] : [],
      ),
    ),
    { fault: 'must be a mapping of dialects', strangerFault: 'has no settings' },
  ),
  absent: (): ReadonlyMap<string, Mapping> => new Map(),
  read: (given) => new Map(Object.entries(given).flatMap(([name, own]) => (own ? [[name, own]] : []))),
})

function settingsOf(check: NonNullable<Dialect['checkOperatorSettings']>) {
  const rules = (given: Mapping, report: Report) => {
    for (const { pointer, detail } of check(given)) report(pointer.split('/').slice(1), detail)
  }
  return Type.Record(Type.String(), Type.Unknown(), { rules })
}
