import { describeWorlds } from './worlds.ts'

describeWorlds({ worlds: 10_000, part: 2, parts: 2 })
