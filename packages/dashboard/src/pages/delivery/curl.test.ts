import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlOf } from './curl.ts'

test('a shell reads back exactly what was sent, whatever it holds', () => {
  const body = `{"a":"it's $(touch x) \`id\` \\"; rm -rf /","b":"\n"}`
  const line = curlOf({
    method: 'POST',
    url: 'https://x.example/?a=1&b=2',
    headers: [{ name: 'x-note', value: "o'clock" }],
    body,
  })
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
  expect(words).toEqual([
    ...['curl', '-sS', '-X', 'POST', 'https://x.example/?a=1&b=2'],
    ...['-H', "x-note: o'clock", '--data-binary', body],
  ])
})
