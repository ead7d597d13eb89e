import { testCrashes } from './crash.ts'

testCrashes({ events: 100_000, kills: 10 })
