/** An integer from 1 to 2^63-1: a `number` up to 2^53-1, and a `bigint` beyond, so that no digit is lost. */
export type TenantId = number | bigint
