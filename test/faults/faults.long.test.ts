import { testFaults } from './fault-tests.ts'
import { faults } from './faults.ts'

/** A bounded set; `npm run test:faults -- --rounds N` makes more. */
const rounds: Readonly<Record<string, number>> = { 'clock jump': 6, 'damaged bytes': 8, 'kill in migration': 4 }

testFaults(faults, (name) => rounds[name] ?? 2)
