import type { Clock } from '../core/time/clock.ts'
import type { Authority, Verdict } from './authority.ts'
import { Revalidation } from './revalidation.ts'

export interface InquiryDeps {
  readonly authorities: readonly Authority[]
  readonly clock: Pick<Clock, 'now'>
  /** Once for each question that was answered, or should have been. */
  readonly observe: (recognition: {
    readonly authority: string
    readonly outcome: Verdict['kind']
    readonly reason: string | null
  }) => void
  readonly onFailure: (error: unknown) => void
}

/** Asks authorities about tokens. */
export class Inquiry {
  readonly #deps: InquiryDeps
  readonly #revalidations: ReadonlyMap<Authority, Revalidation>

  constructor(deps: InquiryDeps) {
    this.#deps = deps
    this.#revalidations = new Map(
      deps.authorities.map((authority) => [authority, new Revalidation(deps.onFailure)] as const),
    )
  }

  /** The first authority that stands for it; else what they said of it. */
  async ask(text: string): Promise<{ readonly verdict: Verdict; readonly authority: Authority | null }> {
    const looks = this.#deps.authorities.map((authority) => ({ authority, issued: authority.issued(text) }))
    const sure = looks.filter(({ issued }) => issued === 'surely')
    const asked = (sure.length > 0 ? sure : looks).filter(({ issued }) => issued !== 'never')
    let said: Verdict = { kind: 'refused', reason: 'other_issuer' }
    for (const { authority } of asked) {
      const verdict = await this.askOne(authority, text)
      if (verdict.kind === 'granted') return { verdict, authority }
      if (said.kind !== 'unavailable') said = verdict
    }
    return { verdict: said, authority: null }
  }

  async askOne(authority: Authority, text: string): Promise<Verdict> {
    const { clock, observe } = this.#deps
    const verdict = await authority.check(text, clock.now())
    if (verdict.kind === 'unavailable' && authority.isResting()) this.#revalidations.get(authority)?.clear()
    const reason = verdict.kind === 'granted' ? null : verdict.reason
    // Whoever sends tokens while an authority is down writes no line each.
    if (reason !== 'resting') observe({ authority: authority.name, outcome: verdict.kind, reason })
    return verdict
  }

  /** A question that nobody waits for; while the authority rests it is not taken. */
  inBackground(subject: object, authority: Authority, task: () => Promise<void>): void {
    if (!authority.isResting()) this.#revalidations.get(authority)?.add(subject, task)
  }
}
