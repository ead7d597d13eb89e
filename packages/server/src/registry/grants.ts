import type { Clock } from '../core/time/clock.ts'
import type { Grants } from '../match/grants.ts'
import type { Directory } from './directory.ts'

/** The directory's grants at the moment of asking. */
export function grantsOf(directory: Directory, clock: Clock): Grants {
  return {
    integrationsOf: (tenantId) => directory.grants.integrationsOf(tenantId, clock.now()),
    direct: (integrationId, tenantId) => directory.grantOf(integrationId, tenantId, clock.now()),
    inherited: (integrationId, tenantId) => directory.grantOfSubtree(integrationId, tenantId, clock.now()),
    ofToken: (tokenId) => directory.liveTokenWithId(tokenId, clock.now())?.types,
    lineage: (tenantId) => directory.tenants.lineage(tenantId),
  }
}
