import { nodeRefusal } from './process/node-version.ts'

// At SIGUSR1 Node opens a debugger's port to whoever is on this machine. `bin/tidings` forbids it from the
// first moment on; this holds for every other way in which the program is started.
process.on('SIGUSR1', () => {})

const refusal = nodeRefusal(process.versions.node)
if (refusal === null) {
  const { run } = await import('./cli/program.ts')
  await run(process.argv)
} else {
  console.error(refusal)
  process.exitCode = 2
}
