import { describeWorlds } from './worlds.ts'

/** The first of the thousands of `worlds-*.long.test.ts`. */
describeWorlds({ worlds: 400 })
