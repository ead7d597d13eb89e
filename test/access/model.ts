/** Who may see what, said once more in the plainest way: the test compares the server with it. */
export interface ModelToken {
  /** `tok_…` */
  readonly id: string
  readonly tenant: number
  /** Event types; null: everything. */
  readonly types: readonly string[] | null
  /** It ends when an hour has passed. */
  readonly isShort: boolean
}

/** The registry at one moment. */
export interface Access {
  /** Parents by tenant; 0: none. */
  readonly tenants: ReadonlyMap<number, number>
  /** Those that are good. */
  readonly tokens: readonly ModelToken[]
}

export interface ModelEvent {
  readonly name: string
  readonly tenant: number
  readonly type: string
  /** Which state of the registry had been answered for when it was published. */
  readonly version: number
}

/** Whose eyes it is read with. */
export type Eyes =
  /** The integration's own credentials, or a subscription that these made. */
  | { readonly kind: 'integration' }
  | { readonly kind: 'token'; readonly token: ModelToken }
  /** Tokens on one connection, `withChildren` with all below their tenants. */
  | { readonly kind: 'stream'; readonly tokens: readonly ModelToken[]; readonly withChildren: boolean }
  /** A subscription of all below a tenant. */
  | { readonly kind: 'subtree'; readonly root: number }
  /** A subscription that a token made. */
  | { readonly kind: 'made-by'; readonly token: ModelToken }

const types = ['invoice.created', 'invoice.updated'] as const

export function isVisible(eyes: Eyes, access: Access, { tenant, type }: Pick<ModelEvent, 'tenant' | 'type'>): boolean {
  const shows = (token: ModelToken) => token.types === null || token.types.includes(type)
  const isGood = ({ id }: ModelToken) => access.tokens.some((good) => good.id === id)
  switch (eyes.kind) {
    case 'integration':
      return access.tokens.some((token) => token.tenant === tenant && shows(token))
    case 'token':
      return isGood(eyes.token) && eyes.token.tenant === tenant && shows(eyes.token)
    case 'stream':
      return eyes.tokens.some((token) => {
        const isCovered = eyes.withChildren ? isWithin(access, tenant, token.tenant) : token.tenant === tenant
        return isGood(token) && shows(token) && isCovered
      })
    case 'subtree':
      return (
        isWithin(access, tenant, eyes.root) &&
        access.tokens.some((token) => shows(token) && isWithin(access, tenant, token.tenant))
      )
    case 'made-by':
      return (
        eyes.token.tenant === tenant &&
        shows(eyes.token) &&
        access.tokens.some((token) => token.tenant === tenant && shows(token))
      )
    default:
      return eyes satisfies never
  }
}

export function isWithin({ tenants }: Pick<Access, 'tenants'>, tenant: number, root: number): boolean {
  for (let at = tenant; at !== 0; at = tenants.get(at) ?? 0) if (at === root) return true
  return false
}

/** Something that it may see now; undefined: nothing. */
export function visiblePair(eyes: Eyes, access: Access): { tenant: number; type: string } | undefined {
  for (const tenant of access.tenants.keys()) {
    for (const type of types) if (isVisible(eyes, access, { tenant, type })) return { tenant, type }
  }
  return undefined
}
