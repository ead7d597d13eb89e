import { testFaults } from './fault-tests.ts'
import { faults } from './faults.ts'

// What every machine can do to a server: without root, and without tools that it may not have.
testFaults(
  faults.filter(({ obstacle }) => obstacle === undefined),
  () => 1,
)
