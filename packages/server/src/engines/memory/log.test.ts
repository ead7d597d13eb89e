import { describeEventLog } from '../conformance/log.ts'
import { MemoryLog } from './log.ts'

describeEventLog('memory', { open: async ({ clock }) => new MemoryLog({ clock }) })
describeEventLog('memory, with holes', {
  open: async ({ clock }) => new MemoryLog({ clock, holeBefore: (position) => position % 4 }),
})
