import type { AttemptError } from '../../core/delivery/delivery.ts'

/** Ends a dial; carries the attempt's error. */
export class DialFailure extends Error {
  readonly reason: AttemptError

  constructor(reason: AttemptError, cause?: unknown) {
    super(reason, { cause })
    this.name = 'DialFailure'
    this.reason = reason
  }
}

/** A receiver that cannot be reached for any other reason counts as refusing: the contract has no finer name. */
export function connectFailure(code: string | undefined): AttemptError {
  switch (code) {
    case 'ETIMEDOUT':
      return 'connect_timeout'
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return 'connection_closed'
    default:
      return 'connection_refused'
  }
}

const certificateReasons: Readonly<Record<string, AttemptError>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_unknown_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_unknown_ca',
  CERT_UNTRUSTED: 'tls_unknown_ca',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet_valid',
  CERT_REVOKED: 'tls_revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_wrong_host',
  HOSTNAME_MISMATCH: 'tls_wrong_host',
  CA_MD_TOO_WEAK: 'tls_weak_certificate',
  EE_KEY_TOO_SMALL: 'tls_weak_certificate',
  CA_KEY_TOO_SMALL: 'tls_weak_certificate',
}

/** The facts about a handshake that failed. */
export interface HandshakeState {
  /** The receiver's certificate has arrived: version and cipher were agreed on. */
  readonly serverSeen: boolean
  readonly hasClientCertificate: boolean
}

/** Null for an error that is none of TLS: the connection under it failed. */
export function tlsFailure(
  error: { readonly code?: string | undefined; readonly message: string },
  state: HandshakeState,
): AttemptError | null {
  const code = error.code ?? ''
  const named = certificateReasons[code]
  if (named !== undefined) return named
  // OpenSSL's reason stands in the message where Node has no code of its own for it.
  if (/too weak|key too small/.test(error.message)) return 'tls_weak_certificate'
  if (/CERTIFICATE_REQUIRED/.test(code)) return 'tls_client_cert_required'
  if (/ALERT_HANDSHAKE_FAILURE/.test(code)) {
    // One alert for two faults. Before the server's half: no common version or cipher. After it: ours is missing.
    if (!state.serverSeen) return 'tls_version'
    return state.hasClientCertificate ? 'tls_client_cert_rejected' : 'tls_client_cert_required'
  }
  if (/UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS|INSUFFICIENT_SECURITY|NO_SHARED_CIPHER/.test(code)) {
    return 'tls_version'
  }
  if (/ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/.test(code)) {
    return 'tls_client_cert_rejected'
  }
  if (/NO_APPLICATION_PROTOCOL/.test(code)) return 'tls_no_http1'
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return 'tls_handshake'
  return null
}

/** Names what ended an open connection before any status was read; null: an orderly close. */
export function exchangeFailure(error: (Error & { readonly code?: string }) | null): AttemptError {
  if (error === null) return 'connection_closed'
  return tlsFailure(error, { serverSeen: true, hasClientCertificate: false }) ?? 'connection_closed'
}
