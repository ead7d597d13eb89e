import { testPublishers } from './publishers.ts'

testPublishers('TypeScript')
