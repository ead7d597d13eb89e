import type { Dialect } from '../contract/dialect.ts'
import { fortnoxOpenApi } from './openapi.ts'
import { fortnoxAccess, sampleFortnox } from './sample.ts'

/** Fortnox's WebSocket topics: contracts/fortnox.md. Its stream takes over the server's upgrades, in `routes.ts`. */
export const fortnoxDialect = {
  name: 'fortnox',
  webhook: null,
  isCanonical: false,
  secret: 'none',
  openapi: fortnoxOpenApi,
  sample: sampleFortnox,
  sampleAccess: fortnoxAccess,
} satisfies Dialect
