import { clockJump } from './clock-jump.ts'
import { damage } from './damage.ts'
import type { Fault } from './fault.ts'
import { fullDisk } from './full-disk.ts'
import { kill } from './kill.ts'
import { migrationKill } from './migration-kill.ts'
import { powerCut } from './power-cut.ts'
import { stop } from './stop.ts'
import { readErrors, slowSyncs, syncErrors, writeErrors } from './syncs.ts'

export const faults: readonly Fault[] = [
  kill,
  powerCut,
  syncErrors,
  writeErrors,
  readErrors,
  slowSyncs,
  fullDisk,
  stop,
  clockJump,
  migrationKill,
  damage,
]
