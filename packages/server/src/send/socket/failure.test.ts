import { expect, test } from 'vitest'
import { connectFailure, exchangeFailure, tlsFailure } from './failure.ts'

const error = (code: string, message = code) => Object.assign(new Error(message), { code })
const early = { serverSeen: false, hasClientCertificate: false }
const late = { serverSeen: true, hasClientCertificate: false }
const withCertificate = { serverSeen: true, hasClientCertificate: true }

test.each([
  ['ETIMEDOUT', 'connect_timeout'],
  ['ECONNRESET', 'connection_closed'],
  ['EPIPE', 'connection_closed'],
  ['ECONNREFUSED', 'connection_refused'],
  ['EHOSTUNREACH', 'connection_refused'],
  [undefined, 'connection_refused'],
])('a connection that fails by %s is %s', (code, expected) => {
  expect(connectFailure(code)).toBe(expected)
})

test.each([
  [error('DEPTH_ZERO_SELF_SIGNED_CERT'), late, 'tls_self_signed'],
  [error('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), late, 'tls_unknown_ca'],
  [error('CERT_HAS_EXPIRED'), late, 'tls_expired'],
  [error('ERR_TLS_CERT_ALTNAME_INVALID'), late, 'tls_wrong_host'],
  [error('ERR_SSL_X', 'ca md too weak'), late, 'tls_weak_certificate'],
  [error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), late, 'tls_client_cert_required'],
  // One alert for two faults, told apart by how far the handshake had come.
  [error('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), early, 'tls_version'],
  [error('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), late, 'tls_client_cert_required'],
  [error('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), withCertificate, 'tls_client_cert_rejected'],
  [error('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), early, 'tls_version'],
  [error('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), withCertificate, 'tls_client_cert_rejected'],
  [error('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), late, 'tls_no_http1'],
  [error('ERR_SSL_WRONG_VERSION_NUMBER'), early, 'tls_handshake'],
  [error('ECONNRESET'), late, null],
])('%s is told as %j says', (given, state, expected) => {
  expect(tlsFailure(given, state)).toBe(expected)
})

test('an open connection ends in order, by a fault of TLS, or broken', () => {
  expect(exchangeFailure(null)).toBe('connection_closed')
  expect(exchangeFailure(error('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'))).toBe('tls_handshake')
  expect(exchangeFailure(error('ECONNRESET'))).toBe('connection_closed')
})
