import { describeWorlds } from './worlds.ts'

describeWorlds({ worlds: 10_000, part: 1, parts: 2 })
