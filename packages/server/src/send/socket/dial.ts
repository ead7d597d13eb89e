import { connect, isIP, type Socket } from 'node:net'
import { type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { isSameAddress } from '../../core/address/address.ts'
import { connectFailure, DialFailure, tlsFailure } from './failure.ts'
import type { Guard } from './guard.ts'

export interface DialTarget {
  /** As in a URL: IPv6 in brackets. */
  readonly hostname: string
  readonly port: number
  readonly tls: { readonly context: SecureContext; readonly hasCertificate: boolean } | null
}

export type DialPhase = 'resolving' | 'connecting' | 'securing'

/** For all connections of the thread: each read is taken up before there is another. Saves a buffer of its own for each read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** How long one address is tried while there are others. */
const addressAttemptMs = 500

/**
 * One way to a receiver: name lookup, guard, TCP, TLS. `done` is called once, unless it is cancelled.
 * It has no deadline of its own; whoever waits for it cancels it.
 */
export class Dial {
  phase: DialPhase = 'resolving'
  /** How long each phase that has ended took. */
  readonly timing: { dnsMs: number | null; connectMs: number | null; tlsMs: number | null } = {
    ...{ dnsMs: null, connectMs: null, tlsMs: null },
  }
  #phaseStartedMs = performance.now()
  readonly #target: DialTarget
  readonly #guard: Guard
  readonly #received: (bytes: Buffer) => void
  #done: (failure: DialFailure | null, socket: Socket | null) => void
  #socket: Socket | null = null
  #hasEnded = false

  /** `received`: bytes of the connection, written over once it returns. */
  constructor(
    target: DialTarget,
    guard: Guard,
    done: (failure: DialFailure | null, socket: Socket | null) => void,
    received: (bytes: Buffer) => void,
  ) {
    this.#received = received
    this.#target = target
    this.#guard = guard
    this.#done = done
    guard.admit(target.hostname, target.port).then(
      (admission) => {
        if (this.#hasEnded) return
        this.timing.dnsMs = this.#endPhase()
        if (admission.ok) this.#connect(admission.addresses)
        else this.#fail(new DialFailure(admission.error))
      },
      (error) => this.#fail(new DialFailure('dns_failed', error)),
    )
  }

  #endPhase(): number {
    const nowMs = performance.now()
    const tookMs = Math.round(nowMs - this.#phaseStartedMs)
    this.#phaseStartedMs = nowMs
    return tookMs
  }

  cancel(): void {
    this.#end()
    this.#socket?.destroy()
  }

  #fail(failure: DialFailure): void {
    if (this.#hasEnded) return
    const done = this.#end()
    this.#socket?.destroy()
    done(failure, null)
  }

  /** The open socket's listeners keep the dial in memory, and must not keep with it what its caller waited to send. */
  #end() {
    const done = this.#done
    this.#hasEnded = true
    this.#done = () => {}
    return done
  }

  #succeed(socket: Socket): void {
    this.#end()(null, socket)
    if (!this.#readsIntoOneBuffer) socket.on('data', this.#received)
  }

  #connect(addresses: readonly string[]): void {
    this.phase = 'connecting'
    const { hostname, port } = this.#target
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    const socket = connect({
      host: addresses.length === 1 ? addresses[0]! : hostname,
      port,
      // The addresses that were checked, so that nothing is looked up a second time.
      lookup: (_hostname, options, callback) =>
        options.all ? callback(null, found) : callback(null, found[0]!.address, found[0]!.family),
      autoSelectFamily: addresses.length > 1,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
      noDelay: true,
      ...(this.#readsIntoOneBuffer ? { onread: this.#oneBuffer() } : {}),
    })
    this.#socket = socket
    const onError = (error: NodeJS.ErrnoException) => this.#fail(new DialFailure(connectFailure(error.code), error))
    socket.on('error', onError)
    socket.once('connect', () => {
      if (this.#hasEnded) return
      this.timing.connectMs = this.#endPhase()
      const peer = socket.remoteAddress
      if (peer === undefined || !addresses.some((one) => isSameAddress(one, peer)) || !this.#guard.admits(peer, port)) {
        this.#fail(new DialFailure(peer === undefined ? 'connection_closed' : 'address_forbidden'))
      } else if (this.#target.tls === null) {
        this.#succeed(socket)
        socket.off('error', onError)
      } else {
        this.#secure(socket, this.#target.tls)
      }
    })
  }

  /** TLS decrypts into buffers of its own; and Windows reads ahead, on many sockets at a time. */
  get #readsIntoOneBuffer(): boolean {
    return this.#target.tls === null && process.platform !== 'win32'
  }

  #oneBuffer() {
    return {
      buffer: readBuffer,
      callback: (count: number) => {
        this.#received(readBuffer.subarray(0, count))
        return true
      },
    }
  }

  #secure(raw: Socket, tls: NonNullable<DialTarget['tls']>): void {
    this.phase = 'securing'
    const name = this.#target.hostname.replace(/^\[|\]$/g, '')
    const socket: TLSSocket = tlsConnect({
      socket: raw,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: tls.context,
      ALPNProtocols: ['http/1.1'],
      // Said outright, so that no environment variable can say otherwise.
      rejectUnauthorized: true,
    })
    this.#socket = socket
    let serverSeen = false
    // The first secrets are derived once the server's half of the handshake is in.
    socket.once('keylog', () => {
      serverSeen = true
    })
    const onError = (error: NodeJS.ErrnoException) => {
      const reason = tlsFailure(error, { serverSeen, hasClientCertificate: tls.hasCertificate })
      this.#fail(new DialFailure(reason ?? connectFailure(error.code ?? 'ECONNRESET'), error))
    }
    socket.on('error', onError)
    socket.once('secureConnect', () => {
      if (this.#hasEnded) return
      this.timing.tlsMs = this.#endPhase()
      this.#succeed(socket)
      socket.off('error', onError)
    })
  }
}
