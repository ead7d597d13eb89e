import { AppError } from '../../core/errors.ts'

/** Errors have the native shape; these name the fields of this interface. */
export function refusal(field: string, code: string, detail: string): AppError {
  return new AppError('invalid_request', 'The request has faults. Fix the problems listed in `errors`.', {
    errors: [{ pointer: `/${field}`, code, detail }],
  })
}

/** The faults of an ordinary subscription, by the names that this interface has for them. */
export async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError) || error.errors.length === 0) throw error
    const errors = error.errors.map((fault) => ({ ...fault, pointer: fieldOf(fault.pointer) }))
    throw new AppError(error.code, error.message, { errors })
  }
}

function fieldOf(pointer: string): string {
  if (pointer.startsWith('/tenants/subtree')) return '/customerNo'
  if (pointer.startsWith('/tenants')) return '/companyNo'
  if (pointer.startsWith('/types')) return '/tableIdentifier'
  return pointer.startsWith('/endpoint') ? '/targetId' : pointer
}
