import { type TInteger, Type } from 'typebox'

/** A whole number from `minimum` to `maximum`; `fallback` where it is not given. */
export function wholeNumber(minimum: number, maximum: number, fallback?: number): TInteger {
  return Type.Integer({
    minimum,
    maximum,
    fault: `must be a whole number from ${minimum} to ${maximum}`,
    ...(fallback !== undefined && { default: fallback }),
  })
}
