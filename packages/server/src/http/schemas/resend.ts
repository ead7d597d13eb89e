import { Type } from 'typebox'
import type { Resend } from '../../core/registry/registry.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const time = Type.String({ description: 'RFC 3339.' })

export const resend = Type.Object(
  {
    id: Type.String(),
    status: Type.Union(
      (['running', 'done', 'cancelled', 'interrupted'] as const).map((status) => Type.Literal(status)),
      {
        description: '`interrupted`: it failed. It goes on at the next start of the server, unless another was begun.',
      },
    ),
    filter: Type.Object({
      subscription: Type.String(),
      status: Type.String(),
      types: Type.Optional(Type.Array(Type.String())),
      tenants: Type.Optional(Type.Array(tenantIdOutput)),
      entity: Type.Optional(Type.String()),
      error: Type.Optional(Type.String()),
      since: Type.Optional(time),
      until: Type.Optional(time),
    }),
    matched: Type.Integer({ description: 'Found so far: `resent` and `skipped`.' }),
    resent: Type.Integer({ description: 'Queued to be sent again.' }),
    skipped: Type.Integer({ description: 'Were queued already.' }),
    startedAt: time,
    endedAt: nullable(time),
  },
  { title: 'Resend' },
)

export function resendView(
  { id, subscriptionId, filter, resent, skipped, startedAt, endedAt }: Resend,
  status: Resend['status'],
): Record<string, unknown> {
  return {
    ...{ id, status, filter: { subscription: subscriptionId, ...filter } },
    ...{ matched: resent + skipped, resent, skipped, startedAt, endedAt },
  }
}
