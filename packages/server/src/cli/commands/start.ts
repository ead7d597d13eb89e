import { type Command, Option } from 'commander'
import type { Config } from '../../config/config.ts'
import { flagOf, type Setting, settings } from '../../config/settings.ts'
import { withExample } from '../console/example.ts'
import { interruption } from '../console/interrupt.ts'
import { Output } from '../console/output.ts'
import { startedServer } from '../console/server-start.ts'
import { releaseStartMemory } from '../console/start-memory.ts'

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description('runs the server, until SIGTERM, SIGHUP or Ctrl-C')
    .option('--config <file>', 'settings in YAML (TIDINGS_CONFIG); default: tidings.yaml, if there is one')
    .optionsGroup('Settings (each also in the file, and in the environment variable named):')
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const { placeholder, description, env, choices } = setting
    const option = new Option(`--${flagOf(name)} <${placeholder}>`, `${description} (${env})`)
    // For the help and for completion. The configuration checks it, wherever it was set.
    if (choices) option.argChoices = [...choices]
    command.addOption(option)
  }
  withExample(command, 'tidings start --port 8080 --data ./data').action(async (flags: ServerFlags, self: Command) => {
    const out = new Output(self.optsWithGlobals())
    const { signal, dispose } = interruption()
    const server = await startedServer(await configOf(flags), { signal }).catch((error: unknown) => {
      // What may still be under way is the question to a name server, which nobody can take back.
      if (signal.aborted) process.exit(0)
      throw error
    })
    if (server.adminKey)
      out.note(
        `The operator's key, shown this once: ${server.adminKey}\n` +
          `Try it: export TIDINGS_KEY=${server.adminKey} TIDINGS_URL=${server.url} && tidings tenants list`,
      )
    await out.result({ url: server.url, adminKey: server.adminKey }, () =>
      out.line(`Tidings is ready at ${server.url}`),
    )
    releaseStartMemory()
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await server.close()
    dispose()
  })
}

export type ServerFlags = Readonly<Record<string, string | undefined>>

/** Loaded for the commands that need it: the settings of dialects are checked by the dialects, which are many files. */
export async function configOf({ config, ...flags }: ServerFlags): Promise<Config> {
  const { readConfig } = await import('../../config/config.ts')
  return readConfig({ flags, env: process.env, file: config })
}
