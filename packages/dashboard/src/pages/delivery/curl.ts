import type { Header } from '../../api/body.ts'

export interface ShownRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly Header[]
  readonly body: string | null
}

/** The request as a line for a shell. Every part is quoted: headers and bodies hold others' text. */
export function curlOf({ method, url, headers, body }: ShownRequest): string {
  const parts = ['curl', '-sS', '-X', quoted(method), quoted(url)]
  for (const { name, value } of headers) parts.push('-H', quoted(`${name}: ${value}`))
  if (body !== null && body !== '') parts.push('--data-binary', quoted(body))
  return parts.join(' ')
}

/** POSIX: within single quotes nothing is special, so only those leave them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
