import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Viewer } from '../match/visibility.ts'
import type { Directory } from './directory.ts'

/** Whose events a viewer may see, as the directory has it now. */
export class ViewerTenants {
  readonly #directory: Directory
  readonly #clock: Pick<Clock, 'now'>

  constructor(directory: Directory, clock: Pick<Clock, 'now'>) {
    this.#directory = directory
    this.#clock = clock
  }

  *tenantsOf(viewer: Viewer): Iterable<TenantId> {
    // What Tidings tells of integrations as a whole has no tenant.
    yield 0
    switch (viewer.sees) {
      case 'everything': {
        const { tenants } = this.#directory
        for (const { id } of tenants.page(undefined, tenants.size)) yield id
        return
      }
      case 'by-token':
        yield viewer.tenantId
        return
      case 'granted':
        if (viewer.tenantId !== null) yield viewer.tenantId
        else yield* this.#directory.grantedTenants(viewer.integrationId, this.#clock.now())
        return
      case 'nothing':
        return
      default:
        viewer satisfies never
    }
  }
}
