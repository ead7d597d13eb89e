import { Command, CommanderError } from 'commander'
import { version } from '../process/version.ts'
import { addAudit } from './commands/audit.ts'
import { addBackup } from './commands/backup.ts'
import { addCompletion } from './commands/completion.ts'
import { addDeliveries } from './commands/deliveries.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEmulate } from './commands/emulate.ts'
import { addEventTypes } from './commands/event-types.ts'
import { addGenerate } from './commands/generate.ts'
import { addIntegrations } from './commands/integrations.ts'
import { addKeys } from './commands/keys.ts'
import { addListen } from './commands/listen.ts'
import { addPublish } from './commands/publish.ts'
import { addReplay } from './commands/replay.ts'
import { addResends } from './commands/resends.ts'
import { addRestore } from './commands/restore.ts'
import { addStart } from './commands/start.ts'
import { addSubscriptions } from './commands/subscriptions.ts'
import { addTail } from './commands/tail.ts'
import { addTenants } from './commands/tenants.ts'
import { addTokens } from './commands/tokens.ts'
import { addWhy } from './commands/why.ts'
import { failureOf } from './console/command-failure.ts'
import { exitCodes, exitMeanings, exitNameOf } from './console/exit-code.ts'
import { Output } from './console/output.ts'
import { type ConnectionFlags, identityOf } from './console/server-connection.ts'

const exitHelp = Object.entries(exitMeanings)
  .map(([name, meaning]) => `  ${String(exitCodes[name as keyof typeof exitCodes]).padStart(3)}  ${meaning}`)
  .join('\n')

export function buildProgram(): Command {
  const program = new Command('tidings')
    .description('Tell other systems what changed: an ordered event log with streams, webhooks and a feed.')
    .version(version, '-V, --version')
    .option('--json', 'results as JSON on standard output; all else goes to standard error')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
    .addHelpText('after', `\nExit codes:\n${exitHelp}`)
    .addHelpText(
      'after',
      '\nExample:\n  $ tidings start\n  $ export TIDINGS_KEY=tid_admin_…\n  $ tidings tenants create 29302 "Bygg AB"',
    )

  program.commandsGroup('Server:')
  addStart(program)
  addDemo(program)
  addEmulate(program)
  addDoctor(program)
  addBackup(program)
  addRestore(program)
  program.commandsGroup('Events:')
  addPublish(program)
  addTail(program)
  addListen(program)
  addEventTypes(program)
  addGenerate(program)
  program.commandsGroup('Deliveries:')
  addWhy(program)
  addSubscriptions(program)
  addDeliveries(program)
  addResends(program)
  addReplay(program)
  program.commandsGroup('Access:')
  addTenants(program)
  addIntegrations(program)
  addTokens(program)
  addKeys(program)
  addAudit(program)
  program.commandsGroup('Shell:')
  addCompletion(program)
  // `run` tells what is wrong, as it does for every other failure.
  for (const command of everyCommand(program)) command.exitOverride().configureOutput({ outputError: () => {} })
  return program
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

/** Runs a command line, as of `process.argv`, and sets the process's exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may leave, as `head` does: that is no failure.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(process.exitCode)
    })
  const program = buildProgram()
  let acting = program
  program.hook('preAction', (_program, action) => {
    acting = action
  })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = exitCodes[exitNameOf(error)]
    if (error instanceof CommanderError) await tellWrongUse(error, argv)
    else {
      const flags = acting.optsWithGlobals<Partial<ConnectionFlags>>()
      await new Output(flags).failure(failureOf(error, identityOf(flags)))
    }
  }
}

/** The line could not be read to its end, so how to tell it is looked up in the words themselves. */
async function tellWrongUse(error: CommanderError, argv: readonly string[]): Promise<void> {
  // Help or the version: it was asked for.
  if (error.exitCode === 0) return
  const isGiven = (flag: string) => argv.some((word) => word === flag)
  const out = new Output({ json: isGiven('--json'), color: !isGiven('--no-color') })
  const isHelp = error.code === 'commander.help'
  // Commander has shown the help where a command is missing.
  if (isHelp && !out.isJson) return
  const message = isHelp ? 'a command is missing' : error.message.replace(/^error: /, '')
  await out.failure({ code: 'usage', message, errors: [], hint: 'See --help.' })
}
