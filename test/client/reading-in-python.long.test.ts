import { describe } from 'vitest'
import { hasPython } from './python.ts'
import { testReaders } from './readers.ts'

describe.runIf(hasPython)('tidings_client', () => testReaders('Python'))
