import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

// Hundreds of servers with their threads are started, here and in processes of their own. Loading TypeScript is most
// of what a start costs: with Node's cache of what it compiled, it is a third less in all.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('./node_modules/.cache/tidings/compiled', import.meta.url))

const tests = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']
/** Suites that take minutes, or need root: `npm run test:long`. A short form of each is among the others. */
const long = '**/*.long.test.ts'
/** Suites of what `npm run package` made: `npm run test:package`. */
const packaged = '**/*.package.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A machine that is busy may take long for what takes milliseconds.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'quick', include: tests, exclude: [...configDefaults.exclude, long, packaged] } },
      { extends: true, test: { name: 'long', include: [long] } },
      { extends: true, test: { name: 'package', include: [packaged] } },
    ],
  },
})
