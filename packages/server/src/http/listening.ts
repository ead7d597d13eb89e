import { lookup } from 'node:dns/promises'
import { type AddressInfo, isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../core/errors.ts'
import { systemWords } from '../core/text/system-words.ts'

/** Where to listen. Port 0: any free one. */
export interface ListenPlace {
  readonly host: string
  readonly port: number
}

/**
 * Listens where the configuration says. Resolves with the address and the port, which the system may have chosen.
 * @throws AppError `invalid_configuration` for a place that cannot be listened at; the reason of the signal
 */
export async function listenAt(place: ListenPlace, app: FastifyInstance, signal?: AbortSignal): Promise<AddressInfo> {
  const host = await unlessAborted(addressOf(place.host), signal)
  try {
    await app.listen({ port: place.port, host })
  } catch (error) {
    throw listenRefusal(error, place)
  }
  return app.server.address() as AddressInfo
}

/** A name server may take its time, and `listen` could not be taken back meanwhile. */
async function addressOf(host: string): Promise<string> {
  // It has two addresses, and both are listened at.
  if (isIP(host) !== 0 || host === 'localhost') return host
  try {
    return (await lookup(host)).address
  } catch (error) {
    throw new AppError(
      'invalid_configuration',
      `--host (TIDINGS_HOST) is ${host}, and that name has no address: ${systemWords(error)}. Give an address of this machine; 0.0.0.0 or :: means all of them.`,
      { cause: error },
    )
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort))
}

function listenRefusal(error: unknown, { host, port }: ListenPlace): AppError {
  return new AppError('invalid_configuration', listenAdvice(error as NodeJS.ErrnoException, host, port), {
    cause: error,
  })
}

function listenAdvice(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Another program listens at ${host} port ${port}. Stop it, or choose another port with --port (TIDINGS_PORT); 0 takes a free one.`
    case 'EACCES':
      return `This user may not listen at ${host} port ${port}. Choose a port from 1024 on with --port (TIDINGS_PORT), or let the program use low ports (on Linux: CAP_NET_BIND_SERVICE).`
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return `${host} is not an address of this machine. Give --host (TIDINGS_HOST) one that is; 0.0.0.0 or :: means all of them.`
    default:
      return `The server cannot listen at ${host} port ${port}: ${systemWords(error)}. Check --host (TIDINGS_HOST) and --port (TIDINGS_PORT).`
  }
}
