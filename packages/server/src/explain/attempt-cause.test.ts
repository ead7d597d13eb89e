import { expect, test } from 'vitest'
import type { AttemptError } from '../core/delivery/delivery.ts'
import { causeOf } from './attempt-cause.ts'

test.each<[AttemptError, RegExp]>([
  ['gone', /answered 410.*Change the endpoint's URL, or delete/],
  ['connection_refused', /nothing accepts connections.*Start the receiver/],
  ['connection_closed', /closed the connection.*log/],
  ['connect_timeout', /did not accept the connection in time.*firewall/],
  ['send_timeout', /stopped reading.*log/],
  ['headers_timeout', /did not answer in time.*timeoutSeconds/],
  ['attempt_timeout', /longer than it may.*timeoutSeconds/],
  ['headers_too_large', /headers.*too large.*fewer or shorter/],
  ['invalid_http', /not HTTP\/1\.1.*scheme and port/],
  ['redirect_not_allowed', /redirect.*its target/],
  ['dns_failed', /host name has no address.*Correct the name/],
  ['address_forbidden', /may not send.*--allow-networks/],
  ['internal_error', /failed before it sent anything.*log/],
  ['tls_cert_has_expired', /could not be secured.*endpoint\.tls\.ca/],
])('%s says what happened, then what to do', (error, words) => {
  expect(causeOf(error)).toMatch(words)
  // A sentence goes on before it, and a full stop comes after it.
  expect(causeOf(error)).not.toMatch(/\.$/)
})

test('an answer of the endpoint says by itself what it is', () => {
  expect([causeOf('http_500'), causeOf('http_404')]).toEqual([null, null])
})
