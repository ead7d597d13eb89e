import type { Refuse } from '../dialects/contract/answers.ts'

/**
 * Who answers what no route answers. A URL that cannot be decoded, a parameter that is too long, or a
 * method that HTTP hardly knows never reaches the routes below a prefix, and clients there read errors
 * in one shape all the same.
 */
export class OwnRefusals {
  readonly #below: { readonly prefix: string; readonly refuse: Refuse }[] = []

  add(prefix: string, refuse: Refuse): void {
    this.#below.push({ prefix, refuse })
  }

  /** @param url as it came, with its query */
  of(url: string): Refuse | undefined {
    return this.#below.find(({ prefix }) => url.startsWith(prefix) && /^([/?]|$)/.test(url.slice(prefix.length)))
      ?.refuse
  }
}
