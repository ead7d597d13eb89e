import { kinds, made } from '../package/made.ts'

// The same tests, of the executable instead of the clone: with no path and no environment but its own settings.
process.env.TIDINGS_PROGRAM = made(kinds.executable)
await import('./why.test.ts')
