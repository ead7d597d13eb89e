import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../../compose.ts'
import { readConfig } from '../../config/config.ts'

const adminKey = 'operator-key-for-tests'

/** Whether the sending threads run: only the program of one of them lowers its priority (proc(5), field 19). */
function isReadyToSend(): boolean {
  const lowered = Math.min(19, getPriority() + 10)
  return readdirSync('/proc/self/task').some((task) => {
    const fields = readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(fields[19 - 3]) === lowered
  })
}

test.runIf(process.platform === 'linux')(
  'a server that has subscriptions is ready once it can send; one that has none starts no thread for it',
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'tidings-warm-up-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
    const start = () => startServer(readConfig({ flags, env: {} }))

    const empty = await start()
    const post = async (path: string, body: object) => {
      const response = await fetch(`${empty.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(response.status).toBe(201)
      return (await response.json()) as { id: string }
    }
    try {
      expect(isReadyToSend()).toBe(false)
      const { id: integrationId } = await post('/v1/integrations', { name: 'Payroll' })
      const endpoint = { url: 'http://127.0.0.1:9/hook' }
      await post('/v1/subscriptions', { integrationId, endpoint, types: ['invoice.*'] })
    } finally {
      await empty.close()
    }

    expect(isReadyToSend()).toBe(false)
    const subscribed = await start()
    const isReady = isReadyToSend()
    await subscribed.close()
    expect(isReady).toBe(true)
  },
)
