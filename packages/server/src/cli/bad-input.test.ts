import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from './console/exit-code.ts'
import { tidings } from './fixtures/cli.ts'

/** Every command with input that it cannot take: one says what is wrong, and nobody sees a stack. */

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-bad-'))
  await mkdir(join(directory, 'folder'))
  await writeFile(join(directory, 'not.json'), '{not json')
  await writeFile(join(directory, 'lines.ndjson'), '{"tenantId":1}\n{"tenantId":2}\n')
  await writeFile(join(directory, 'not-utf8'), Buffer.from([0xff, 0xfe, 0x0a]))
  await writeFile(join(directory, 'empty'), '')
  await writeFile(join(directory, 'closed'), '{}', { mode: 0 })
  await mkdir(join(directory, 'closed-folder'))
  await chmod(join(directory, 'closed-folder'), 0o500)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const isRoot = process.getuid?.() === 0

/** The line, and what the message says; words that begin with `@` are paths in the directory. */
const wrongUse: readonly (readonly [line: string, says: RegExp])[] = [
  ['publish @absent', /absent cannot be read: no such file or directory/],
  ['publish @absent --format ndjson', /no such file/],
  ['publish @not.json/below', /not\.json\/below cannot be read/],
  ['publish @folder', /folder is a directory: give a file/],
  ['publish @folder --format ndjson', /is a directory/],
  ...(isRoot ? [] : ([['publish @closed', /permission denied/]] as const)),
  ['publish @not.json', /is not JSON/],
  ['publish @not-utf8', /not UTF-8/],
  ['publish @empty', /is empty/],
  ['publish @lines.ndjson --failed @folder', /--failed .*folder is a directory/],
  ['publish @lines.ndjson --failed @absent/refused', /--failed .* cannot be written: no such file/],
  ...(isRoot ? [] : ([['publish @lines.ndjson --failed @closed-folder/x', /permission denied/]] as const)),
  ['publish @lines.ndjson --skip few', /'--skip <lines>' argument 'few' is invalid/],
  ['publish --type x --tenant 1 --data {', /--data is not JSON/],
  ['publish --type x --tenant 0', /must be a tenant id/],
  ['publish --type x', /--tenant/],
  ['publish @lines.ndjson more', /too many arguments/],
  ['publish @lines.ndjson --key clé', /the key holds characters/],
  ['tail --since 999999999d', /36500 days/],
  ['tail --since yesterday', /must be a time/],
  ['tail --url nonsense', /--url nonsense/],
  ['listen', /'--forward-to <url>' not specified/],
  ['listen --forward-to nonsense', /give an address/],
  ['listen --forward-to http://127.0.0.1:9 --timeout 99999999999', /1 to 86400/],
  ['event-types put parcel.shipped @absent', /absent cannot be read: no such file/],
  ['event-types put parcel.shipped @folder', /folder cannot be read: it is a directory/],
  ['event-types put parcel.shipped @not.json', /is not JSON/],
  ['event-types list --dialect fortnix', /Allowed choices are .*fortnox/],
  ['subscriptions', /^$|Usage: tidings subscriptions/],
  ['subscriptions create http://127.0.0.1:9 --types * --dialect fortnox', /Allowed choices are standard/],
  ['subscriptions create http://127.0.0.1:9 --types * --filter {', /must be JSON/],
  ['subscriptions create http://127.0.0.1:9 --types * --header nocolon', /name: value/],
  ['subscriptions enable sub_1 --from nonsense', /must be a time/],
  ['replay sub_1 --to nonsense', /must be a time/],
  ['replay sub_1', /--to 2h/],
  ['deliveries list --status lost', /Allowed choices/],
  ['deliveries resend', /give delivery ids/],
  ['tenants create one Bygg', /must be a tenant id/],
  ['tokens create int_1 1 --expires soon', /must be a time/],
  ['keys create --kind master', /Allowed choices/],
  ['audit --since soon', /must be a time/],
  ['start --config @absent', /absent/],
  ['start --config @folder', /folder/],
  ['start --config @not.json', /not\.json/],
  ['start --port 99999', /65535/],
  ['demo --port 99999', /0 to 65535/],
  ['emulate', /missing required argument 'dialect'/],
  ['emulate fortnix', /fortnox/],
  ['emulate standard --port 99999', /0 to 65535/],
  ['backup @out --data @absent', /there is no store/],
  ['restore @folder --data @new --master-key-file @absent', /absent cannot be read: no such file/],
  ['restore @folder --data @new --master-key-file @folder', /folder cannot be read: it is a directory/],
  ['restore @absent --data @new', /--master-key-file/],
  ['completion ksh', /bash, zsh, fish/],
  ['integrations get', /missing required argument 'id'/],
  ['nonsense', /unknown command 'nonsense'/],
  ['--nonsense', /unknown option '--nonsense'/],
]

const words = (line: string) => line.split(' ').map((word) => word.replace(/^@/, `${directory}/`))
const unreachable = { TIDINGS_URL: 'http://127.0.0.1:9' }

describe.concurrent('wrong use', () => {
  test.each(wrongUse)('%s', async (line, says) => {
    const { code, stdout, stderr } = await tidings([...words(line), '--json'], { env: unreachable })
    expect(stderr).not.toMatch(/^ +at |node:|is a bug/m)
    expect(code, stderr).toBe(exitCodes.usage)
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
    expect(error.message).not.toBe('')
    expect(stderr).toMatch(says)
    // A faulty configuration has its own code.
    expect(error.code).toMatch(/^(usage|invalid_configuration)$/)
  })
})

test('without --json the same is said to people, with where to look', async () => {
  const { code, stdout, stderr } = await tidings(['tenants', 'list', '--nonsense'])
  expect([code, stdout]).toEqual([exitCodes.usage, ''])
  expect(stderr).toBe("error: unknown option '--nonsense' [usage]\nSee --help.\n")
})

test('whoever reads the output may leave', async () => {
  const { code, stderr } = await tidings(['completion', 'bash'], { closesOutput: true })
  expect([code, stderr]).toEqual([0, ''])
})
