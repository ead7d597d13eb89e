import { testFaults } from './fault-tests.ts'
import { faults } from './faults.ts'

/** Every seventh damage hits bytes that nothing reads: in so many files all of them do once in half a million runs. */
const damagedFiles = 7

// What every machine can do to a server: without root, and without tools that it may not have.
testFaults(
  faults.filter(({ obstacle }) => obstacle === undefined),
  (name) => (name === 'damaged bytes' ? damagedFiles : 1),
)
