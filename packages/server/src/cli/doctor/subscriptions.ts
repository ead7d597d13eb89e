import { RefusedError, type Subscription, Tidings } from '@tidings/client'
import { type Check, fail, ok, warn } from './check.ts'
import { checkGrants } from './grants.ts'

const name = 'subscriptions'
/** So many are named. */
const mostNamed = 5
const longCatchUpMs = 3_600_000
/** Of those that do not keep up, so many are asked how far they are. */
const mostAsked = 200
/** Less than this before retention passes one. */
const shortlyMs = 2 * 86_400_000

interface Kind {
  readonly name: string
  readonly detail: string
  readonly why: string
  readonly advice: (id: string) => string
  readonly isOf: (subscription: Subscription) => boolean
}

/** What can be seen of a subscription that is not well. */
const kinds: readonly Kind[] = [
  {
    name: 'disabled',
    detail: 'disabled:',
    why: 'Tidings sends nothing to them. Events that the retention removes meanwhile never reach them.',
    advice: (id) =>
      `See why: tidings subscriptions get ${id}. When its endpoint answers again: tidings subscriptions enable ${id}`,
    isOf: ({ status }) => status === 'disabled',
  },
  {
    name: 'failing',
    detail: 'not accepting what is sent:',
    why: 'Their deliveries wait and are attempted less and less often. In the end the deliveries fail, or the subscription is disabled.',
    advice: (id) => `See what its endpoint answers: tidings deliveries undelivered --subscription ${id}`,
    isOf: ({ status, failingSince }) => status === 'active' && typeof failingSince === 'string',
  },
  {
    name: 'paused',
    detail: 'paused:',
    why: 'Tidings sends nothing new to them until somebody resumes them.',
    advice: (id) => `Resume it: tidings subscriptions catch-up ${id} --resume`,
    isOf: ({ catchUp }) => catchUp?.state === 'paused',
  },
  {
    name: 'behind',
    detail: 'catching up for more than an hour:',
    why: 'They get events late.',
    advice: (id) => `See how far it is and how fast: tidings subscriptions stats ${id}`,
    isOf: ({ catchUp }) => catchUp?.state === 'running' && Date.parse(catchUp.since) < Date.now() - longCatchUpMs,
  },
]

/** Asks a running server about its subscriptions, with the operator's key. */
export async function checkSubscriptions(url: string, key: string): Promise<readonly Check[]> {
  if (key === '') return [ok(name, "not asked about: that needs the operator's key, in TIDINGS_ADMIN_KEY or --key")]
  const client = new Tidings({ url, key, maxAttempts: 1 })
  const all: Subscription[] = []
  try {
    for await (const subscription of client.subscriptions.list()) all.push(subscription)
    const lagging = await checkLagging(client, all)
    const found = [...kinds.flatMap((kind) => troubleOf(kind, all)), ...lagging]
    const grants = await checkGrants(client, all)
    return [...(found.length > 0 ? found : [ok(name, `all ${all.length} are active and keep up`)]), ...grants]
  } catch (error) {
    if (error instanceof RefusedError && (error.status === 401 || error.status === 403)) {
      return [
        fail("operator's key", "the key given is not the operator's of this server", {
          why: 'With this key alone nobody can administer the server.',
          advice: 'Start the server with it, TIDINGS_ADMIN_KEY=… tidings start, or take the key of its first start.',
        }),
      ]
    }
    return [
      warn(name, `the server does not tell of them: ${(error as Error).message}`, {
        why: 'So doctor cannot tell whether everybody receives their events.',
        advice: 'Run doctor again. If this stays, look into the log of the server.',
      }),
    ]
  }
}

function troubleOf(kind: Kind, all: readonly Subscription[]): Check[] {
  const ids = all.filter(kind.isOf).map(({ id }) => id)
  if (ids.length === 0) return []
  const detail = `${ids.length} of ${all.length} subscriptions ${kind.detail} ${named(ids)}`
  return [warn(kind.name, detail, { why: kind.why, advice: kind.advice(ids[0]!) })]
}

/** Subscriptions that are about to lose events to retention. */
async function checkLagging(client: Tidings, all: readonly Subscription[]): Promise<Check[]> {
  const ids: string[] = []
  let soonest = Number.POSITIVE_INFINITY
  const asked = all.filter(({ status, catchUp }) => status === 'disabled' || catchUp).slice(0, mostAsked)
  for (const { id } of asked) {
    const { keptUntil } = await client.subscriptions.stats(id)
    if (!keptUntil || Date.parse(keptUntil) > Date.now() + shortlyMs) continue
    ids.push(id)
    soonest = Math.min(soonest, Date.parse(keptUntil))
  }
  if (ids.length === 0) return []
  const detail = `retention passes what ${ids.length} of ${all.length} subscriptions have not had, from ${new Date(soonest).toISOString()} on: ${named(ids)}`
  return [
    fail('lagging', detail, {
      why: 'An event that the retention removes before it was sent never reaches them.',
      advice: `Keep events for longer until they have caught up: restart with --retention 30d. Then: tidings subscriptions stats ${ids[0]}`,
    }),
  ]
}

function named(ids: readonly string[]): string {
  return ids.slice(0, mostNamed).join(', ') + (ids.length > mostNamed ? ', …' : '')
}
