/** A name as Kubernetes makes it of a Service's, which begins with TIDINGS: the Service's own, or `tidings-live`'s. */
const service = 'TIDINGS(?:_[A-Z0-9_]+?)?'

/**
 * The variables that Kubernetes puts into every container beside a Service (the documentation's "Discovering
 * services", environment variables), each with what it holds:
 *
 *   TIDINGS_SERVICE_HOST=10.0.0.11           TIDINGS_PORT_8080_TCP=tcp://10.0.0.11:8080
 *   TIDINGS_SERVICE_PORT=8080                TIDINGS_PORT_8080_TCP_PROTO=tcp
 *   TIDINGS_SERVICE_PORT_HTTP=8080           TIDINGS_PORT_8080_TCP_PORT=8080
 *   TIDINGS_PORT=tcp://10.0.0.11:8080        TIDINGS_PORT_8080_TCP_ADDR=10.0.0.11
 */
const forms: readonly (readonly [name: RegExp, value: RegExp])[] = [
  [new RegExp(`^${service}_SERVICE_HOST$`), /^[\da-f.:]+$|^None$/i],
  [new RegExp(`^${service}_SERVICE_PORT(_[A-Z0-9_]+)?$`), /^\d+$/],
  [new RegExp(`^${service}_PORT(_\\d+_(TCP|UDP|SCTP))?$`), /^(tcp|udp|sctp):\/\//],
  [new RegExp(`^${service}_PORT_\\d+_(TCP|UDP|SCTP)_PROTO$`), /^(tcp|udp|sctp)$/],
  [new RegExp(`^${service}_PORT_\\d+_(TCP|UDP|SCTP)_PORT$`), /^\d+$/],
  [new RegExp(`^${service}_PORT_\\d+_(TCP|UDP|SCTP)_ADDR$`), /^[\da-f.:]+$/i],
]

/** Whether a variable was put there by a container platform, for a Service of Tidings' name, and not by an operator. */
export function isInjected(name: string, value: string): boolean {
  return forms.some(([ofName, ofValue]) => ofName.test(name) && ofValue.test(value))
}
