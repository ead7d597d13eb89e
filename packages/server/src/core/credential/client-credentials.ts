/** `Authorization` of an OAuth client: form-encoded before they become Basic credentials (RFC 6749 §2.3.1). */
export function clientCredentials(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
