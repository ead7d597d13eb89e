import type { DeliveryRequest } from '../../api/delivery-request.ts'

/** The request as a line for a shell, without what is secret. Every part is quoted: headers and bodies hold others' text. */
export function curlOf({ method, url, headers, body }: DeliveryRequest): string {
  const parts = ['curl', '-sS', '-X', quoted(method), quoted(url)]
  for (const { name, value } of headers) if (value !== null) parts.push('-H', quoted(`${name}: ${value}`))
  if (body !== null && body !== '') parts.push('--data-binary', quoted(body))
  return parts.join(' ')
}

/** POSIX: within single quotes nothing is special, so only those leave them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
