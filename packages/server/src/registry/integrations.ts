import { AppError } from '../core/errors.ts'
import type { Integration } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { endTokens } from './ended-tokens.ts'
import { Faults, type RequestInput } from './faults.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { dropRecord, putRecord } from './writes.ts'

/** An integration as it is shown. */
export interface IntegrationView {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly createdAt: string
}

export function showIntegration({ id, name, clientId, createdAt }: Integration): IntegrationView {
  return { id, name, clientId, createdAt }
}

/**
 * `{name, clientId?, clientSecret?}`: an existing client id and secret can be brought along. The
 * answer is the only one that holds the secret.
 *
 * @throws AppError `invalid_request`; `conflict` when another integration has the client id.
 */
export async function createIntegration(
  registry: Registry,
  input: RequestInput,
): Promise<IntegrationView & { readonly clientSecret: string }> {
  const faults = new Faults(input, ['name', 'clientId', 'clientSecret'])
  const name = faults.text('name', 255, true)
  const clientId = faults.secret('clientId')
  // The user name of Basic authentication ends at the first colon (RFC 7617).
  if (clientId?.includes(':')) faults.add('clientId', 'invalid_format', '`clientId` must not contain a colon.')
  const clientSecret = faults.secret('clientSecret') ?? registry.newKey('sec')
  faults.refuse()
  return registry.change((directory) => {
    const id = registry.newId('int')
    const integration: Integration = {
      id,
      name: name!,
      clientId: clientId ?? id,
      secretHash: registry.hash(clientSecret),
      createdAt: registry.now(),
    }
    if (directory.integrations.withKey(integration.clientId)) {
      throw new AppError('conflict', 'Another integration has this client id. Choose another one.')
    }
    return {
      writes: [putRecord('integration', integration, 0)],
      result: { ...showIntegration(integration), clientSecret },
    }
  })
}

/**
 * `{clientSecret?}`: replaces the secret, at once. Access tokens stay valid.
 *
 * @throws AppError `not_found`, `invalid_request`
 */
export async function rotateClientSecret(
  registry: Registry,
  id: string,
  input: RequestInput,
): Promise<{ readonly clientSecret: string }> {
  const faults = new Faults(input, ['clientSecret'])
  const clientSecret = faults.secret('clientSecret') ?? registry.newKey('sec')
  faults.refuse()
  return registry.change((directory) => {
    const changed = { ...requireIntegration(directory, id), secretHash: registry.hash(clientSecret) }
    return {
      writes: [putRecord('integration', changed, directory.revisionOf('integration', id))],
      result: { clientSecret },
    }
  })
}

/**
 * Deletes an integration with its access tokens, subscriptions, resends and portals' keys, links and sessions.
 *
 * @throws AppError `not_found`
 */
export function deleteIntegration(registry: Registry, id: string): Promise<void> {
  return registry.change((directory) => {
    requireIntegration(directory, id)
    // Nobody is left who could ask what the grants were.
    const tokens = endTokens(directory, directory.grants.ofIntegration(id), registry.now()).filter(
      ({ kind, value }) => kind !== 'endedGrant' || value === null,
    )
    const subscriptions = [...directory.subscriptionsOf(id)].map((own) => dropRecord('subscription', own.id))
    const records = [...directory.dialectRecords.values()]
      .filter(({ integrationId }) => integrationId === id)
      .map((own) => dropRecord('dialectRecord', own.id))
    const resends = [...directory.resendsOf(id)].map((own) => dropRecord('resend', own.id))
    const keys = [...directory.keys.values()]
      .filter(({ portal }) => portal?.integrationId === id)
      .map((own) => dropRecord('key', own.id))
    const sessions = [...directory.sessions.values()]
      .filter(({ portal }) => portal?.integrationId === id)
      .map((own) => dropRecord('session', own.id))
    const links = [...directory.signInLinks.values()]
      .filter(({ portal }) => portal?.integrationId === id)
      .map((own) => dropRecord('signInLink', own.id))
    const grants = [...directory.endedGrantsOf(id)].map((own) => dropRecord('endedGrant', own.id))
    const drop = dropRecord('integration', id, directory.revisionOf('integration', id))
    return {
      writes: [drop, ...tokens, ...subscriptions, ...records, ...resends, ...keys, ...sessions, ...links, ...grants],
      result: undefined,
    }
  })
}

export function listIntegrations(directory: Directory, request: PageRequest): Page<IntegrationView> {
  return pageOf(request, {
    key: 'string',
    read: (after, limit) => directory.integrations.page(after, limit).map(showIntegration),
    keyOf: ({ id }) => id,
  })
}

/** @throws AppError `not_found` */
export function requireIntegration(directory: Directory, id: string): Integration {
  const integration = directory.integrations.get(id)
  if (!integration) throw new AppError('not_found', 'There is no integration with this id.')
  return integration
}
