import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { hasPython, pythonEnv, pythonFolder } from './python.ts'

/** The package's own tests, by the runner of the standard library. Each of them is a test here. */
const program = `
import json, sys, unittest

class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.said = {}
    def startTest(self, test):
        super().startTest(test)
        self.said[test.id()] = ""
    def tell(self, test, error):
        # A part of a test counts for the whole.
        whole = getattr(test, "test_case", test)
        self.said[whole.id()] = self.said.get(whole.id(), "") + self._exc_info_to_string(error, whole)
    def addError(self, test, error): self.tell(test, error)
    def addFailure(self, test, error): self.tell(test, error)
    def addSubTest(self, test, part, error):
        if error is not None: self.tell(part, error)

def ids(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite): yield from ids(each)
        else: yield each.id()

suite = unittest.defaultTestLoader.discover("tests", top_level_dir=".")
if sys.argv[1] == "list":
    print(json.dumps(list(ids(suite))))
else:
    outcomes = Outcomes()
    suite.run(outcomes)
    print(json.dumps(outcomes.said))
`
const options = { cwd: pythonFolder, env: pythonEnv, encoding: 'utf8' } as const

const names = hasPython
  ? (JSON.parse(spawnSync('python3', ['-c', program, 'list'], options).stdout || '["python3"]') as string[])
  : []

describe.runIf(hasPython)('tidings_client', () => {
  /** What went wrong, by name. */
  let outcomes: Readonly<Record<string, string>>
  beforeAll(async () => {
    outcomes = JSON.parse((await promisify(execFile)('python3', ['-c', program, 'run'], options)).stdout)
  })

  test('its tests are found', () => {
    expect(names.length).toBeGreaterThan(40)
  })

  test.each(names)('%s', (name) => {
    expect(outcomes[name]).toBe('')
  })
})
