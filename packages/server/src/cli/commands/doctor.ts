import { type Command, Option } from 'commander'
import { AppError } from '../../core/errors.ts'
import type { Colour } from '../colour.ts'
import {
  type Check,
  checkClock,
  checkDisk,
  checkLimits,
  checkNode,
  checkPublicUrl,
  checkServer,
  checkStore,
} from '../doctor-checks.ts'
import { checkSubscriptions } from '../doctor-subscriptions.ts'
import { withExample } from '../example.ts'
import { Output } from '../output.ts'
import { configOf, type ServerFlags } from './start.ts'

const marks: Record<Check['status'], readonly [string, Colour]> = {
  ok: ['ok  ', 'green'],
  warn: ['warn', 'yellow'],
  fail: ['FAIL', 'red'],
}

export function addDoctor(program: Command): void {
  withExample(
    program
      .command('doctor')
      .description(
        'checks configuration, store, disk, clock, server and, with TIDINGS_ADMIN_KEY, its subscriptions; says what to do',
      )
      .option('--config <file>', 'settings in YAML (TIDINGS_CONFIG)')
      .option('--data <directory>', 'where the embedded store lives (TIDINGS_DATA)')
      .addOption(new Option('--url <url>', "the server's address").env('TIDINGS_URL').default('http://127.0.0.1:8080')),
    'tidings doctor --data ./data',
  ).action(async (flags: ServerFlags & { url: string }, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    const { url, ...serverFlags } = flags
    const checks = await allChecks(serverFlags, url)
    const isFailed = checks.some(({ status }) => status === 'fail')
    await out.result({ ok: !isFailed, checks }, async () => {
      for (const { name, status, detail, advice } of checks) {
        const [mark, colour] = marks[status]
        await out.line(`${out.paint(colour, mark)}  ${name.padEnd(14)}  ${detail}`)
        if (advice) await out.line(`${' '.repeat(22)}${out.paint('dim', advice)}`)
      }
    })
    if (isFailed) process.exitCode = 1
  })
}

async function allChecks(flags: ServerFlags, url: string): Promise<readonly Check[]> {
  const { storeCare } = await import('../../compose.ts')
  const node = checkNode(storeCare.checkSqlite)
  let data = flags.data ?? process.env.TIDINGS_DATA ?? './data'
  let configuration: Check
  let publicUrl = ''
  try {
    const config = configOf(flags)
    data = config.data
    publicUrl = config.publicUrl
    const file = config.file ? `from ${config.file}` : 'without a file'
    configuration = { name: 'configuration', status: 'ok', detail: `every setting is valid, ${file}` }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const detail = error.errors.map((fault) => `${fault.pointer}: ${fault.detail}`).join('; ')
    configuration = {
      name: 'configuration',
      status: 'fail',
      detail,
      advice: 'Mend these; the server does not start so.',
    }
  }
  const server = await checkServer(url)
  const store = await checkStore(data, storeCare.damageIn)
  return [
    configuration,
    ...node,
    ...store,
    ...(await checkDisk(data)),
    ...(await checkClock(data, url)),
    checkLimits(),
    server,
    ...(server.status === 'ok' ? await checkSubscriptions(url, process.env.TIDINGS_ADMIN_KEY) : []),
    ...(await checkPublicUrl(publicUrl)),
  ]
}
