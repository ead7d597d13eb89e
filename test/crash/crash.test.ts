import { testCrashes } from './crash.ts'

testCrashes({ events: 5_000, kills: 3 })
