import { describe } from 'vitest'
import { testPublishers } from './publishers.ts'
import { hasPython } from './python.ts'

describe.runIf(hasPython)('tidings_client', () => testPublishers('Python'))
