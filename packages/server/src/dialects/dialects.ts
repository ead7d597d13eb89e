import { cloudEventsDialect } from './cloudevents/dialect.ts'
import type { Dialect } from './contract/dialect.ts'
import { fakturowniaDialect } from './fakturownia/dialect.ts'
import { fortnoxDialect } from './fortnox/dialect.ts'
import { moneybirdDialect } from './moneybird/dialect.ts'
import { standardDialect } from './standard/dialect.ts'
import { tripletexDialect } from './tripletex/dialect.ts'
import { nxtDialect } from './visma-business-nxt/dialect.ts'

/** The list of dialects: the only place that names them all. */
export const dialects: readonly Dialect[] = [
  standardDialect,
  cloudEventsDialect,
  moneybirdDialect,
  tripletexDialect,
  fortnoxDialect,
  nxtDialect,
  fakturowniaDialect,
]
