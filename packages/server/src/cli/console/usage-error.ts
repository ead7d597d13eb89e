import { TidingsError } from '@tidings/client'

/** A command line that cannot be carried out as given. The message says what to give instead. */
export class UsageError extends TidingsError {
  constructor(message: string) {
    super('usage', message)
  }
}
