import { type Static, Type } from 'typebox'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { longestDelaySeconds, mostRetries, retryKinds } from './policy.ts'
import { rowActions } from './tables.ts'

const closed = { additionalProperties: false }
const number = (description: string) => Type.Unsafe<TenantId>({ tenantIdFrom: 0, description })
const shownNumber = Type.Integer({ format: 'int64', minimum: 0 })

const retryPolicy = Type.Object(
  {
    kind: Type.Optional(Type.Enum([...retryKinds])),
    attempts: Type.Optional(
      Type.Integer({ minimum: 0, maximum: mostRetries, description: 'Retries after the first try.' }),
    ),
    intervalSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: longestDelaySeconds })),
  },
  closed,
)
const url = Type.String({ minLength: 1, maxLength: 2_048 })

export const newTarget = Type.Object(
  {
    url,
    retryPolicy: Type.Optional(retryPolicy),
    signatureKey: Type.Optional(
      Type.String({
        pattern: '^[\\x21-\\x7e]{16,256}$',
        description: 'An existing key, brought along. Absent: one is made.',
      }),
    ),
    tenantId: Type.Optional(
      Type.Union([Type.Unsafe<TenantId>({ tenantIdFrom: 1 }), Type.Null()], {
        description: 'Limits the target to one customer or company.',
      }),
    ),
  },
  closed,
)
export type NewTarget = Static<typeof newTarget>

export const changedTarget = Type.Object({ url: Type.Optional(url), retryPolicy: Type.Optional(retryPolicy) }, closed)
export type ChangedTarget = Static<typeof changedTarget>

export const rotation = Type.Object(
  { overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000, description: 'Default 86,400.' })) },
  closed,
)
export type SecretRotation = Static<typeof rotation>

const row = {
  targetId: Type.String({ minLength: 1, maxLength: 64 }),
  tableIdentifier: Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Integer({ minimum: 0 })], {
    description: 'The table by its identifier, or by its number.',
  }),
}
const options = {
  customerNo: Type.Optional(number('0: not chosen.')),
  companyNo: Type.Optional(number("0: all of the customer's; with `customerNo` 0 too, all that granted.")),
  events: Type.Optional(Type.Array(Type.Enum([...rowActions]), { minItems: 1, maxItems: 3 })),
  active: Type.Optional(Type.Boolean()),
}

export const newSubscription = Type.Object({ ...row, ...options }, closed)
export type NewSubscription = Static<typeof newSubscription>

export const changedSubscription = Type.Object(
  {
    targetId: Type.Optional(row.targetId),
    tableIdentifier: Type.Optional(row.tableIdentifier),
    ...options,
  },
  closed,
)
export type ChangedSubscription = Static<typeof changedSubscription>

export const idParams = Type.Object({ id: Type.String() })

export const listQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; default 100.' }),
    ),
  },
  closed,
)

const targetFields = {
  id: Type.String(),
  url: Type.String(),
  retryPolicy: Type.Object({ kind: Type.String(), attempts: Type.Integer(), intervalSeconds: Type.Integer() }),
  tenantId: Type.Union([shownNumber, Type.Null()]),
  createdAt: Type.String(),
  updatedAt: Type.String(),
}
export const targetOutput = Type.Object(targetFields)
export const targetWithKey = Type.Object({ ...targetFields, signatureKey: Type.String({ description: 'Shown once.' }) })

export const subscriptionOutput = Type.Object({
  id: Type.String(),
  targetId: Type.Union([Type.String(), Type.Null()]),
  customerNo: shownNumber,
  companyNo: shownNumber,
  tableIdentifier: Type.String(),
  events: Type.Array(Type.String()),
  active: Type.Boolean(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})

export const listOf = <T extends typeof targetOutput | typeof subscriptionOutput>(items: T) =>
  Type.Object({ items: Type.Array(items), next: Type.Union([Type.String(), Type.Null()]) })
