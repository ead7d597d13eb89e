import type { AttemptError } from '../core/delivery/delivery.ts'

/** What the endpoint's side did, and what to do about it. */
const causes: Readonly<Record<Exclude<AttemptError, `http_${number}` | `tls_${string}`>, string>> = {
  gone: "the endpoint answered 410, which says that it will not come back. Change the endpoint's URL, or delete the subscription",
  connection_refused:
    "nothing accepts connections at the endpoint's address. Start the receiver, or change the endpoint's URL",
  connection_closed: "the endpoint closed the connection before it answered. Look into the receiver's log",
  connect_timeout: 'the endpoint did not accept the connection in time. Check the receiver, and the firewall before it',
  send_timeout: "the endpoint stopped reading the request. Look into the receiver's log",
  headers_timeout:
    'the endpoint did not answer in time. Let the receiver answer first and do its work afterwards, or raise `endpoint.timeoutSeconds`',
  attempt_timeout:
    'the attempt took longer than it may. Let the receiver answer first and do its work afterwards, or raise `endpoint.timeoutSeconds`',
  headers_too_large: "the headers of the endpoint's answer are too large. Let the receiver send fewer or shorter ones",
  invalid_http: "the endpoint's answer is not HTTP/1.1. Check that the URL's scheme and port are the receiver's",
  redirect_not_allowed:
    "the endpoint answered with a redirect, and none is followed. Change the endpoint's URL to its target",
  dns_failed: "the endpoint's host name has no address. Correct the name in the endpoint's URL, or in DNS",
  address_forbidden:
    "the server may not send to the endpoint's address. Use a public address, or let the operator allow this one with --allow-networks",
  internal_error: 'the server failed before it sent anything. Its log says why',
}

/** Words for an attempt's error, without a full stop; null: the endpoint's own answer says it. */
export function causeOf(error: AttemptError): string | null {
  if (isAnswer(error)) return null
  if (isTls(error)) {
    return "the connection could not be secured. Mend the endpoint's certificate or TLS settings, or give its CA as `endpoint.tls.ca`"
  }
  return causes[error]
}

const isAnswer = (error: AttemptError): error is `http_${number}` => error.startsWith('http_')
const isTls = (error: AttemptError): error is `tls_${string}` => error.startsWith('tls_')
