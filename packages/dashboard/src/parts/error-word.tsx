import { Tooltip } from '@mantine/core'
import { useSpeech } from '../text/language.tsx'
import type { TextKey } from '../text/text.ts'

const explained = new Set([
  'gone',
  'connection_refused',
  'connection_closed',
  'connect_timeout',
  'send_timeout',
  'headers_timeout',
  'attempt_timeout',
  'headers_too_large',
  'invalid_http',
  'redirect_not_allowed',
  'dns_failed',
  'address_forbidden',
])

/** An attempt's error by the server's code, with what it means. */
export function ErrorWord({ error }: { error: string }) {
  const { t } = useSpeech()
  return (
    <Tooltip label={meaningOf(error, t)} multiline maw={360}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning shows on focus, as on hover */}
      <code tabIndex={0}>{error}</code>
    </Tooltip>
  )
}

export function meaningOf(error: string, t: (key: TextKey, values?: Record<string, string>) => string): string {
  if (explained.has(error)) return t(`error.${error}` as TextKey)
  if (error.startsWith('http_')) return t('error.http', { status: error.slice('http_'.length) })
  if (error.startsWith('tls_')) return t('error.tls', { reason: error.slice('tls_'.length) })
  return error
}
