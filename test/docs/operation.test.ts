import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { flagOf, settings } from '../../packages/server/src/config/settings.ts'
import { AppError, errorCodes } from '../../packages/server/src/core/errors.ts'
import { operationalTypes } from '../../packages/server/src/core/event/operational-event.ts'
import { problemOf } from '../../packages/server/src/http/problem.ts'
import { createMetrics } from '../../packages/server/src/observe/metrics.ts'
import { mailedTypes } from '../../packages/server/src/observe/operational-events.ts'

const page = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
function part(text: string, name: string): string {
  return new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)<!-- /${name} -->`).exec(text)?.[1] ?? ''
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return `${line(head)}|${'---|'.repeat(head.length)}\n${rows.map(line).join('')}`
}

test('docs/operation.md has every setting as it is', async () => {
  const rows = Object.entries(settings).map(([name, { env, description, fallback }]) => {
    const shown = fallback === '' ? '' : `\`${fallback}\``
    return [`\`${name}\``, `\`--${flagOf(name)}\``, `\`${env}\``, description, shown]
  })
  expect(part(await page('operation.md'), 'settings')).toBe(
    table(['setting', 'flag', 'environment', 'what', 'default'], rows),
  )
})

test('docs/operation.md has every metric as it is', async () => {
  const metrics = createMetrics(100)
  metrics.watch({
    webhooks: { lag: 0, attemptsUnderWay: 0 },
    deliveries: { count: async () => ({ waiting: 0, failed: 0 }), overdueMs: async () => 0 },
    streams: { count: 0 },
    streamed: { stats: () => ({ deliveries: 0 }) },
    unknownTenants: { events: 0 },
  })
  const { text } = await metrics.read()
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name, type]) => [name, type]))
  const rows = [...text.matchAll(/^# HELP (tidings_\S+) (.*)$/gm)].map(([, name, help]) => [
    `\`${name}\``,
    types.get(name) ?? '',
    help!,
  ])
  expect(part(await page('operation.md'), 'metrics')).toBe(table(['metric', 'type', 'what'], rows))
})

test('docs/operation.md has every operational event, and which ones are mailed', async () => {
  const rows = part(await page('operation.md'), 'operational')
    .trim()
    .split('\n')
    .slice(2)
  const named = rows.map((row) => row.split('|').map((cell) => cell.trim())).map(([, type, mail]) => [type, mail])
  expect(named).toEqual(operationalTypes.map((type) => [`\`${type}\``, mailedTypes.has(type) ? 'yes' : '']))
})

test('docs/reference/native.md has every refusal as it is', async () => {
  const rows = errorCodes.map((code) => {
    const { status, title } = problemOf(new AppError(code, ''))
    return [`\`${code}\``, String(status), title]
  })
  expect(await page('reference/native.md')).toContain(`<!-- refusals -->\n${table(['code', 'status', 'title'], rows)}`)
})
