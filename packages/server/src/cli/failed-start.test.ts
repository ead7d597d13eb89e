import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { startCommand, tidings } from './fixtures/cli.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidings-failed-start-'))
  const config = readConfig({
    flags: { data: join(root, 'sound'), port: '0', logLevel: 'silent' },
    env: {},
    file: devNull,
  })
  await (await startServer(config)).close()
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A copy of a store that a server has left in good order, with something done to it. */
async function storeWith(change: (directory: string) => Promise<unknown>): Promise<string[]> {
  const directory = await mkdtemp(join(root, 'store-'))
  await cp(join(root, 'sound'), directory, { recursive: true })
  await change(directory)
  return ['--data', directory]
}

async function replaced(directory: string, name: string): Promise<void> {
  await rm(join(directory, name), { force: true, recursive: true })
  await mkdir(join(directory, name), { mode: 0o700 })
}

async function ofVersion(file: string, version: number): Promise<void> {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
}

async function fileWith(text: string, name = 'tidings.yaml'): Promise<string> {
  const file = join(await mkdtemp(join(root, 'file-')), name)
  await writeFile(file, text)
  return file
}

async function takenPort(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    free: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

const garbage = 'no database, and long enough to be looked at '.repeat(400)

/** What is wrong, how the server is started, and what its one message says: the setting first. */
const causes: readonly (readonly [string, () => string[] | Promise<string[]>, readonly RegExp[]])[] = [
  // The configuration.
  ['a setting that is no value', () => ['--retention', '1y'], [/--retention/, /must be a duration/]],
  ['a file that is not there', () => ['--config', '/nowhere.yaml'], [/\/nowhere\.yaml/, /no such file/]],
  ['a file that is a directory', () => ['--config', root], [/it is a directory/]],
  ['a file that is no YAML', async () => ['--config', await fileWith('port: [\n')], [/tidings\.yaml/]],
  ['a type that is none', async () => ['--config', await fileWith('eventTypes: [{type: x}]\n')], [/eventTypes/]],
  [
    'a mail server that is no URL',
    async () => ['--config', await fileWith('smtp: {url: "smtp://[", from: a@b, to: c@d}\n')],
    [/smtp/, /url: must be/],
  ],
  [
    'an authority without its keys',
    async () => ['--config', await fileWith('authorities: {a: {kind: jwt, issuer: x}}\n')],
    [/authorities\.a\.jwksUrl/],
  ],
  [
    'a dialect without settings',
    async () => ['--config', await fileWith('dialects: {standard: {x: 1}}\n')],
    [/dialects\.standard/],
  ],
  [
    'an entity source that is no URL',
    async () => ['--config', await fileWith('entitySources: {invoice: x}\n')],
    [/entitySources/],
  ],
  // Directories and keys.
  [
    'a data directory that is a file',
    async () => ['--data', await fileWith('')],
    [/--data \(TIDINGS_DATA\)/, /a file stands/],
  ],
  [
    'one below a file',
    async () => ['--data', join(await fileWith(''), 'below')],
    [/--data/, /a part of the path is a file/],
  ],
  ['one where none can be', () => ['--data', '/proc/tidings'], [/--data/]],
  ['one with too long a name', () => ['--data', join(root, 'x'.repeat(300))], [/--data/, /name too long/]],
  [
    'one that is a loop of links',
    async () => {
      await symlink(join(root, 'loop'), join(root, 'loop'))
      return ['--data', join(root, 'loop')]
    },
    [/--data/, /symbolic links/],
  ],
  ['a log elsewhere that is a file', async () => ['--log', `sqlite:${await fileWith('')}`], [/--log \(TIDINGS_LOG\)/]],
  ['a state elsewhere that is a file', async () => ['--db', `sqlite:${await fileWith('')}`], [/--db \(TIDINGS_DB\)/]],
  ['a master key that is none', () => ['--master-key', 'zz'], [/TIDINGS_MASTER_KEY/, /32 bytes/]],
  [
    'a master key that is lost',
    () => storeWith((store) => rm(join(store, 'master.key'))),
    [/master\.key is missing/, /TIDINGS_MASTER_KEY/],
  ],
  [
    'a master key that is a directory',
    () => storeWith((store) => replaced(store, 'master.key')),
    [/master\.key cannot be read/, /TIDINGS_MASTER_KEY/],
  ],
  // The store.
  [
    'a registry that is garbage',
    () => storeWith((store) => writeFile(join(store, 'registry.db'), garbage)),
    [/--data/, /damaged/],
  ],
  [
    'a log that is garbage',
    () => storeWith((store) => writeFile(join(store, 'log.db'), garbage)),
    [/--data/, /damaged/],
  ],
  [
    'a delivery state that is garbage',
    () => storeWith((store) => writeFile(join(store, 'delivery.db'), garbage)),
    [/--data/, /damaged/],
  ],
  [
    'a registry that is a directory',
    () => storeWith((store) => replaced(store, 'registry.db')),
    [/--data/, /tidings doctor --data/],
  ],
  [
    'a log that is a directory',
    () => storeWith((store) => replaced(store, 'log.db')),
    [/--data/, /tidings doctor --data/],
  ],
  ['a lock that is a directory', () => storeWith((store) => replaced(store, 'log.lock')), [/--data/]],
  [
    'a registry of a newer Tidings',
    () => storeWith((store) => ofVersion(join(store, 'registry.db'), 99)),
    [/newer Tidings/],
  ],
  ['a log of a newer Tidings', () => storeWith((store) => ofVersion(join(store, 'log.db'), 99)), [/newer Tidings/]],
  ['a restore that was interrupted', () => storeWith((store) => mkdir(join(store, 'restoring'))), [/tidings restore/]],
  // The last step: everything is open by then.
  [
    'an address of another machine',
    () => ['--host', '192.0.2.1'],
    [/--host \(TIDINGS_HOST\)/, /not an address of this machine/],
  ],
  [
    'a name without an address',
    () => ['--host', 'no-such-name.invalid'],
    [/--host \(TIDINGS_HOST\)/, /no-such-name\.invalid/],
  ],
]

async function expectOneMessage(args: readonly string[], says: readonly RegExp[]): Promise<void> {
  const own = args.includes('--data') ? [] : ['--data', await mkdtemp(join(root, 'data-'))]
  const { code, stdout, stderr } = await tidings(['start', '--port', '0', '--log-level', 'silent', ...own, ...args])
  expect(code, stderr).toBe(2)
  expect(stdout).toBe('')
  for (const words of says) expect(stderr).toMatch(words)
  expect(stderr.match(/error:/g)).toHaveLength(1)
  expect(stderr).not.toMatch(/\bE[A-Z]{3,}\b|ERR_|^\s+at .*:\d+|\[internal\]/m)
}

// The process ends by itself: whatever were still open would keep it, and the test with it.
test.each(causes)('%s: one message, exit code 2', async (_, args, says) => expectOneMessage(await args(), says))

test('a port that is taken: one message, exit code 2, and no operator has been made up', async () => {
  const { port, free } = await takenPort()
  const data = await mkdtemp(join(root, 'data-'))
  await expectOneMessage(
    ['--data', data, '--port', String(port)],
    [/--port \(TIDINGS_PORT\)/, new RegExp(`port ${port}`)],
  )
  await free()
  // The first key is shown once: a start that failed must not have used that up.
  const command = startCommand(['start', '--data', data, '--port', '0', '--log-level', 'silent', '--json'])
  expect(JSON.parse((await command.said('"url"')).stdout).adminKey).toMatch(/^tid_admin_/)
  command.kill('SIGTERM')
  expect((await command.done).code).toBe(0)
})

test('the stand-in and the demonstration say what is wrong in the same words', async () => {
  for (const args of [['emulate', 'tripletex', '--host', '192.0.2.1']]) {
    const { code, stderr } = await tidings(args)
    expect(code, stderr).toBe(2)
    expect(stderr).toMatch(/--host .*not an address of this machine|not an address of this machine.*--host/)
  }
})
