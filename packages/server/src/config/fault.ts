import { AppError } from '../core/errors.ts'
import { nearestName } from '../core/text/nearest-name.ts'

/** A fault of the configuration: where it stands, and what is wrong with it. Never shows a value: some are secrets. */
export interface Fault {
  /** As `--port`, `TIDINGS_PORT` or `tidings.yaml line 3: smtp.url`. */
  readonly place: string
  readonly detail: string
}

export function configurationError(faults: readonly Fault[]): AppError {
  const lines = faults.map(({ place, detail }) => `  ${place}: ${detail}`)
  return new AppError(
    'invalid_configuration',
    `The configuration has ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
    {
      errors: faults.map(({ place, detail }) => ({ pointer: place, code: 'invalid', detail })),
    },
  )
}

export function noSetting(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known)
  const question = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  return `is not a setting.${question} \`tidings start --help\` shows them all`
}
