import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Where the package and its tests are. */
export const pythonFolder = `${root}python`

export const pythonEnv = {
  ...process.env,
  PYTHONPATH: `${pythonFolder}/src`,
  // The working tree stays as it is.
  PYTHONDONTWRITEBYTECODE: '1',
}

/** The version that the package is for, or newer. Its tests need nothing else: no pip, no registry. */
const isThere = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0

/** False: the machine has no Python 3.10, which is said. In CI it has to be there, and what needs it fails. */
export const hasPython = isThere || process.env.CI === 'true'
if (!hasPython) console.warn('python: not run, because this machine has no python3 of version 3.10 or newer')
