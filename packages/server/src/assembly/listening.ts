import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { AppError } from '../core/errors.ts'

/**
 * Listens where the configuration says. Resolves with the address and the port, which the system may have chosen.
 * @throws AppError `invalid_configuration` for a place that cannot be listened at
 */
export async function listenAt(config: Config, app: FastifyInstance): Promise<AddressInfo> {
  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    throw listenRefusal(error, config)
  }
  return app.server.address() as AddressInfo
}

function listenRefusal(error: unknown, config: Config): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'is not allowed' : 'is not on this machine'
  return new AppError(
    'invalid_configuration',
    `${config.host} port ${config.port} ${why}; choose another with --port or --host.`,
  )
}
