import { parseArgs } from 'node:util'

export interface Options {
  readonly rounds: number
  readonly seed: number
  /** Names of those to make. */
  readonly faults: readonly string[]
}

export type Parsed =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly reason: string }

const largestSeed = 0xffff_ffff

export function helpOf(names: readonly string[]): string {
  return `npm run test:faults -- [--rounds N] [--fault NAME]… [--seed S]

Makes faults of machine, disk and clock against the real server, and prints what was lost, duplicated,
reordered, altered or leaked by each. A control makes the same fault to something that does not keep the
promise, and has to fail. Ends with 1 when anything but duplicates was found, when a disturbance did not
happen, or when a control held. What this machine cannot make is skipped; with CI=true that is a failure.

  --rounds N     how often each fault is made; 10 unless it is given
  --fault NAME   only this one; may be given again
  --seed S       the same choices as in the run that printed it
  --help         this text

Faults: ${names.join(', ')}
Set FAULTS_KEEP to keep the data and the journals.`
}

/** @param seed the one that is taken when none is given */
export function parseOptions(given: readonly string[], names: readonly string[], seed: number): Parsed {
  let values: { rounds: string; fault: string[]; seed: string; help: boolean }
  try {
    values = parseArgs({
      args: [...given],
      options: {
        rounds: { type: 'string', default: '10' },
        fault: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: String(seed) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return { kind: 'refused', reason: (error as Error).message }
  }
  if (values.help) return { kind: 'help' }
  const unknown = values.fault.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    return { kind: 'refused', reason: `There is no fault ${unknown.join(', ')}. There are: ${names.join(', ')}.` }
  }
  const rounds = wholeNumber(values.rounds)
  if (rounds === null || rounds < 1) {
    return {
      kind: 'refused',
      reason: `--rounds takes a whole number from 1 on, as in --rounds 50, not ${values.rounds}.`,
    }
  }
  const taken = wholeNumber(values.seed)
  if (taken === null || taken > largestSeed) {
    return { kind: 'refused', reason: `--seed takes a whole number up to ${largestSeed}, not ${values.seed}.` }
  }
  return { kind: 'run', options: { rounds, seed: taken, faults: values.fault.length > 0 ? values.fault : names } }
}

function wholeNumber(text: string): number | null {
  const value = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : null
}
