import type { FuncKeywordDefinition } from 'ajv'
import { Type } from 'typebox'
import { tenantIdIn } from '../../core/ids/number-texts.ts'
import { type TenantId, tenantIdRule } from '../../core/ids/tenant-id.ts'

/** A tenant id in an answer. */
export const tenantIdOutput = Type.Integer({ format: 'int64', minimum: 1, examples: [29302] })

/** A tenant id in a body: it may be beyond what a double holds, and is put in its one form where it stands. */
export const tenantIdInput = Type.Unsafe<TenantId>({ tenantIdFrom: 1, examples: [29302] })

/** `tenantIdFrom`: 1, or 0 where that says "none". Ajv's own `integer` refuses a bigint. */
export const tenantIdKeyword: FuncKeywordDefinition = {
  keyword: 'tenantIdFrom',
  schemaType: 'number',
  modifying: true,
  errors: true,
  compile: (least: 0 | 1) => {
    const check: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (value, context) => {
      const { parentData, parentDataProperty } = context!
      if (value === 0 && least === 0) return true
      const id = tenantIdIn(parentData, String(parentDataProperty))
      if (id !== 'no_number' && id !== 'no_tenant_id') {
        parentData[parentDataProperty] = id
        return true
      }
      const keyword = id === 'no_number' || !Number.isInteger(value) ? 'type' : value < least ? 'minimum' : 'maximum'
      check.errors = [{ keyword, message: `must be ${tenantIdRule}`, params: {} }]
      return false
    }
    return check
  },
}

/** As OpenAPI says it; the format says where it ends. */
export function shownTenantId({ tenantIdFrom, ...rest }: { readonly tenantIdFrom: number }): object {
  return { type: 'integer', format: 'int64', minimum: tenantIdFrom, ...rest }
}
