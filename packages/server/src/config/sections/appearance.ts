import { Type } from 'typebox'
import { type Appearance, checkAppearance, plainAppearance } from '../../core/appearance/appearance.ts'
import type { Report } from '../schema/schema-reading.ts'
import { section } from '../schema/section.ts'

/**
 * How the application looks, for the pages that its integrators see:
 *
 *   appearance:
 *     name: Bygg & Bo
 *     logo: https://app.example.com/logo.svg
 *     colors: { accent: "#1a7f5a", onAccent: "#ffffff" }
 */
export const appearance = section({
  schema: Type.Record(Type.String(), Type.Unknown(), {
    fault: 'must be a mapping of name, logo and colors',
    rules: (given: unknown, report: Report) => {
      for (const { pointer, detail } of checkAppearance(given, true).faults) report(pointer.split('/').slice(1), detail)
    },
  }),
  absent: (): Appearance => plainAppearance,
  read: (given) => checkAppearance(given, true).appearance,
})
