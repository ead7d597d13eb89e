/** A refusal in the contract's shape; `symbolic` tells programs what `error` tells people. */
export class MoneybirdRefusal extends Error {
  readonly status: number
  readonly body: string | { readonly error: string; readonly symbolic?: Readonly<Record<string, string>> }

  constructor(status: number, body: MoneybirdRefusal['body']) {
    super(typeof body === 'string' ? body : body.error)
    this.name = 'MoneybirdRefusal'
    this.status = status
    this.body = body
  }
}

export const refusals = {
  urlRequired: () => fault('Url is required', 'url', 'required'),
  urlUnreachable: () => fault('Url is unreachable: it must answer with status 200', 'url', 'unreachable'),
  eventsRemoved: () => fault("'events' has been removed from webhooks, use 'enabled_events'", 'events', 'removed'),
  eventsInvalid: (name: string | null) =>
    fault(
      name === null ? 'Enabled events is invalid' : `Enabled events is invalid: '${name}' is not an event`,
      'enabled_events',
      'invalid',
    ),
  unknownField: (name: string) => fault(`'${name}' is not a field of webhooks`, name, 'unknown'),
  unreadable: () => new MoneybirdRefusal(400, { error: 'The request body is not valid JSON' }),
  unauthorized: () => new MoneybirdRefusal(401, { error: 'The access token is invalid' }),
  notFound: () => new MoneybirdRefusal(404, { error: 'record not found', symbolic: { id: 'not_found' } }),
  noSuchWebhook: () => new MoneybirdRefusal(404, { error: 'Record not found for model name: Webhook' }),
  retryLater: () => new MoneybirdRefusal(429, 'Retry later'),
} as const

function fault(error: string, field: string, symbol: string): MoneybirdRefusal {
  return new MoneybirdRefusal(400, { error, symbolic: { [field]: symbol } })
}
