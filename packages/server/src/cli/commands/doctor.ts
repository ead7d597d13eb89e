import { type Command, Option } from 'commander'
import { AppError } from '../../core/errors.ts'
import type { Colour } from '../console/colour.ts'
import { withExample } from '../console/example.ts'
import { Output } from '../console/output.ts'
import { urlOption } from '../console/server-connection.ts'
import { type Check, fail, ok } from '../doctor/check.ts'
import { checkClock } from '../doctor/clock.ts'
import { checkDataDirectory } from '../doctor/data-directory.ts'
import { checkDeliveries } from '../doctor/deliveries.ts'
import { checkDisk } from '../doctor/disk.ts'
import { checkMasterKey } from '../doctor/master-key.ts'
import { checkLimits, checkNode } from '../doctor/runtime.ts'
import { checkPublicUrl, checkServer } from '../doctor/server.ts'
import { checkStore, isInUse } from '../doctor/store.ts'
import { checkSubscriptions } from '../doctor/subscriptions.ts'
import { checkTenants } from '../doctor/tenants.ts'
import { configOf, type ServerFlags } from './start.ts'

const marks: Record<Check['status'], readonly [string, Colour]> = {
  ok: ['ok  ', 'green'],
  warn: ['warn', 'yellow'],
  fail: ['FAIL', 'red'],
}
const nameWidth = 14

export function addDoctor(program: Command): void {
  withExample(
    program
      .command('doctor')
      .description(
        "checks configuration, store, disk, clock, server and, with the operator's key, its subscriptions; says what to do. Ends with 1 when something fails, with 0 when there are warnings alone",
      )
      .option('--config <file>', 'settings in YAML (TIDINGS_CONFIG)')
      .option('--data <directory>', 'the directory of the embedded store (TIDINGS_DATA)')
      .addOption(
        new Option('--key <key>', "the operator's key, to ask about subscriptions; else TIDINGS_ADMIN_KEY").env(
          'TIDINGS_KEY',
        ),
      )
      .addOption(urlOption()),
    'tidings doctor --data ./data',
  ).action(async (flags: ServerFlags & { url: string; key?: string }, command: Command) => {
    const out = new Output(command.optsWithGlobals())
    const { url, key = '', ...serverFlags } = flags
    const checks = await allChecks(serverFlags, url, key)
    const count = (status: Check['status']) => checks.filter((check) => check.status === status).length
    const [failures, warnings] = [count('fail'), count('warn')]
    await out.result({ ok: failures === 0, checks }, async () => {
      const indent = ' '.repeat(marks.ok[0].length + 2 + nameWidth + 2)
      for (const check of checks) {
        const [mark, colour] = marks[check.status]
        await out.line(`${out.paint(colour, mark)}  ${check.name.padEnd(nameWidth)}  ${check.detail}`)
        if (check.status === 'ok') continue
        await out.line(`${indent}${out.paint('dim', 'why:')} ${check.why}`)
        await out.line(`${indent}${out.paint('dim', 'do: ')} ${check.advice}`)
      }
      await out.line(summary(failures, warnings))
    })
    if (failures > 0) process.exitCode = 1
  })
}

function summary(failures: number, warnings: number): string {
  if (failures + warnings === 0) return '\nNothing is wrong.'
  const some = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  return `\n${some(failures, 'failure')}, ${some(warnings, 'warning')}.`
}

async function allChecks(flags: ServerFlags, url: string, key: string): Promise<readonly Check[]> {
  const { storeCare } = await import('../../store/store-care.ts')
  const { check: configuration, data, masterKey, adminKey, publicUrl } = await configurationOf(flags)
  const directory = await checkDataDirectory(data)
  const inUse = directory.names !== null && isInUse(data)
  const isOpen = directory.checks.every(({ status }) => status !== 'fail')
  const store: Check[] = []
  if (directory.names) {
    const { names } = directory
    if (isOpen) store.push(...checkStore({ data, names, isInUse: inUse, damageIn: storeCare.damageIn }))
    const isAskable = isOpen && !inUse && store.every(({ status }) => status === 'ok')
    const { lockedSecrets } = storeCare
    store.push(...checkMasterKey({ data, names, configured: masterKey, isAskable, lockedSecrets }))
  }
  const server = await checkServer(url, inUse)
  return [
    configuration,
    checkNode(storeCare.checkSqlite),
    ...directory.checks,
    ...store,
    ...(await checkDisk(data)),
    await checkClock(data, directory.names, server.dateMs),
    checkLimits(),
    server.check,
    ...(server.isReady ? [...(await checkDeliveries(url)), ...(await askOperator(url, key || adminKey))] : []),
    ...(await checkPublicUrl(publicUrl)),
  ]
}

async function askOperator(url: string, key: string): Promise<readonly Check[]> {
  return [...(await checkSubscriptions(url, key)), ...(await checkTenants(url, key))]
}

/** What the other checks need of the configuration; of a faulty one, what stands by itself. */
async function configurationOf(flags: ServerFlags) {
  const { TIDINGS_DATA, TIDINGS_MASTER_KEY = '', TIDINGS_ADMIN_KEY = '' } = process.env
  try {
    const { data, masterKey, adminKey, publicUrl, file } = await configOf(flags)
    const check = ok('configuration', `every setting is valid, ${file ? `from ${file}` : 'without a file'}`)
    return { check, data, masterKey, adminKey, publicUrl }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const faults = error.errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')
    const check = fail('configuration', faults || error.message, {
      why: 'The server does not start with it.',
      advice: 'Correct these. Every setting is listed by: tidings start --help',
    })
    const data = flags.data ?? (TIDINGS_DATA || './data')
    return { check, data, masterKey: TIDINGS_MASTER_KEY, adminKey: TIDINGS_ADMIN_KEY, publicUrl: '' }
  }
}
