import { describeWorlds } from './worlds.ts'

describeWorlds(2, 2)
