import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, ServerProcess } from '../harness/server-process.ts'

/** H66: on a file system of its own that is small enough to be filled. */

const directory = mkdtempSync(join(tmpdir(), 'tidings-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tidings-full', directory], { encoding: 'utf8' })
const obstacle = mounted.status === 0 ? undefined : (mounted.error?.message ?? mounted.stderr.trim())
if (obstacle) console.warn(`full disk: not run, because this machine cannot do it (root and tmpfs): ${obstacle}`)
// In CI it has to run: there a machine that cannot is a failure.
const isRun = obstacle === undefined || process.env.CI === 'true'

let server: ServerProcess
let url = ''
beforeAll(async () => {
  if (obstacle) return
  server = new ServerProcess(join(directory, 'data'))
  url = await server.start()
})
afterAll(async () => {
  if (obstacle) return
  await server.kill()
  spawnSync('umount', [directory])
  rmSync(directory, { recursive: true, force: true })
})

const authorization = `Bearer ${adminKey}`

function publish(entityId: string, characters: number): Promise<Response> {
  const event = { tenantId: 1, type: 'invoice.updated', entityId, data: { text: 'x'.repeat(characters) } }
  const headers = { authorization, 'content-type': 'application/json' }
  return fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) })
}

async function stored(): Promise<string[]> {
  const ids: string[] = []
  let after = ''
  for (;;) {
    const response = await fetch(`${url}/v1/topics/invoices/events?limit=1000${after}`, { headers: { authorization } })
    expect(response.status).toBe(200)
    const { events, next } = (await response.json()) as { events: { entityId: string }[]; next: string }
    if (events.length === 0) return ids
    ids.push(...events.map(({ entityId }) => entityId))
    after = `&after=${next}`
  }
}

test.runIf(isRun)('a full disk: refused and nothing lost, reads go on, and no restart is needed', async () => {
  expect(obstacle).toBeUndefined()
  await publish('before', 100)
  const ballast = join(directory, 'ballast')
  expect(() => {
    for (;;) writeFileSync(ballast, Buffer.alloc(1024 * 1024), { flag: 'a' })
  }).toThrow(/ENOSPC/)

  const names = Array.from({ length: 100 }, (_, index) => `during-${index}`)
  const answers = await Promise.all(names.map((name) => publish(name, 200_000)))
  const acknowledged = names.filter((_, index) => answers[index]!.status === 201)
  const refused = answers.filter(({ status }) => status !== 201)
  expect(refused.length).toBeGreaterThan(0)
  for (const answer of refused) {
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'storage_unavailable' })
  }
  const during = await stored()
  expect(during.toSorted()).toEqual(['before', ...acknowledged].toSorted())
  for (const path of ['/livez', '/metrics']) expect((await fetch(url + path)).status).toBe(200)

  rmSync(ballast)
  const after = await publish('after', 200_000)
  expect(after.status).toBe(201)
  expect(await stored()).toEqual([...during, 'after'])
})
