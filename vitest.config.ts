import { configDefaults, defineConfig } from 'vitest/config'

const tests = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']
/** Suites that take minutes, or need root: `npm run test:long`. A short form of each is among the others. */
const long = '**/*.long.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A machine that is busy may take long for what takes milliseconds.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'quick', include: tests, exclude: [...configDefaults.exclude, long] } },
      { extends: true, test: { name: 'long', include: [long] } },
    ],
  },
})
