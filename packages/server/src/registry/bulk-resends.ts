import { type Owner, owns } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { Resend, ResendFilter, Subscription } from '../core/registry/registry.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { beginResend, cancelResend } from './resend-records.ts'

/** Whatever works at bulk resends. */
export interface ResendRuns {
  /** Begins one that is noted, or goes on with it. */
  run(id: string): void
  /** A failure ended it, though its record does not say so. */
  isInterrupted(id: string): boolean
}

/** Bulk resends as those see and begin them whose subscriptions they are of. */
export class BulkResends {
  readonly #registry: Registry
  readonly #runs: ResendRuns

  constructor(registry: Registry, runs: ResendRuns) {
    this.#registry = registry
    this.#runs = runs
  }

  /** @throws AppError `not_found` for what does not exist and for what is not the owner's alike */
  get(owner: Owner, id: string): Resend {
    const resend = this.#registry.directory.resends.get(id)
    if (resend && owns(owner, resend)) return this.#asItIs(resend)
    throw new AppError('not_found', 'There is no resend with this id, or it is older than the retention.')
  }

  /** By creation. @throws AppError `invalid_request` for a cursor of another list */
  page(owner: Owner, request: PageRequest): Page<Resend> {
    const { directory } = this.#registry
    const page = pageOf(request, {
      key: 'string',
      read: (after, limit) =>
        owner.kind === 'operator'
          ? directory.resendPage(undefined, after, limit)
          : directory
              .resendPage(owner.integrationId, after, Number.MAX_SAFE_INTEGER)
              .filter((resend) => owns(owner, resend))
              .slice(0, limit),
      keyOf: ({ id }) => id,
    })
    return { ...page, items: page.items.map((resend) => this.#asItIs(resend)) }
  }

  /** Begins one, which runs without whoever asked for it. @throws AppError `conflict` while another runs */
  async begin(subscription: Subscription, filter: ResendFilter): Promise<Resend> {
    const begun = await beginResend(this.#registry, subscription, filter, (id) => this.#runs.isInterrupted(id))
    this.#runs.run(begun.id)
    return begun
  }

  /** Ends it after the page under way; one that has ended stays as it is. @throws AppError `not_found` */
  async cancel(owner: Owner, id: string): Promise<Resend> {
    this.get(owner, id)
    const cancelled = await cancelResend(this.#registry, id)
    return cancelled ? this.#asItIs(cancelled) : this.get(owner, id)
  }

  #asItIs(resend: Resend): Resend {
    const isInterrupted = resend.status === 'running' && this.#runs.isInterrupted(resend.id)
    return isInterrupted ? { ...resend, status: 'interrupted' } : resend
  }
}
