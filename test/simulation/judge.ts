import { everyShare } from '../../packages/server/src/core/delivery/shares.ts'
import { isSkipped, type SkippedSpan } from '../../packages/server/src/core/delivery/skipped-span.ts'
import { entityOf, isReplaceable } from '../../packages/server/src/deliver/entities/entity-order.ts'
import type { Received } from './receivers.ts'
import type { SubscriptionFacts, World } from './world.ts'

/** What a finished world got wrong, in words; empty when every promise was kept. */
export async function judge(world: World): Promise<string[]> {
  const wrongs: string[] = world.failures.map((error) => `a unit of work failed: ${String(error)}`)
  for (const facts of world.facts.values()) {
    if (facts.isDeleted) {
      wrongs.push(...(await leftBehind(world, facts.number)))
      continue
    }
    const record = world.records.get(facts.number)!
    const received = world.receivers.received.filter(({ subscription }) => subscription === facts.number)
    const skipped = world.webhooks.readership.reading(facts.number)?.skipped ?? []
    wrongs.push(...(await lost(world, facts, received, skipped)))
    // What is held back by an older one of its entity was given before and is sent in its turn.
    const holdsBack = record.ordering === 'entity' || record.coalesce === 'latest'
    if (!holdsBack) wrongs.push(...sentThoughLeftOut(facts.number, received, skipped))
    if (world.crashes === 0 && !facts.isReplayed) wrongs.push(...doubled(facts.number, received))
    wrongs.push(...phantom(world, facts.number, facts.from, received))
    // A sequence that a crash took back and that nothing is read again for comes once more.
    const hasNewSequences = facts.isReplayed || (facts.leftOutUpTo.length > 0 && world.crashes > 0)
    wrongs.push(...unstable(facts.number, received, hasNewSequences))
    wrongs.push(...shared(facts.number, received))
    if (hasEverySequence(world, facts)) wrongs.push(...gaps(facts.number, received))
    if (record.ordering === 'entity' && !facts.isReplayed) wrongs.push(...disordered(facts.number, received))
  }
  return wrongs
}

/** A deletion takes everything with it, whatever crash came between. */
async function leftBehind({ store }: World, number: number): Promise<string[]> {
  const { waiting, failed, superseded } = await store.count(number)
  const hasPlace = (await store.load(everyShare)).progress.some(({ subscription }) => subscription === number)
  if (waiting + failed + superseded === 0 && !hasPlace) return []
  return [`subscription ${number}: it was deleted, and ${waiting + failed + superseded} rows or its place are left`]
}

/**
 * Invariant 2: every acknowledged event was attempted, and in a world that heals, accepted; or it is
 * told to have been left out, and somebody asked for that.
 */
async function lost(
  world: World,
  { number, from, leftOutUpTo }: SubscriptionFacts,
  received: readonly Received[],
  skipped: readonly SkippedSpan[],
): Promise<string[]> {
  const accepted = new Set(received.filter(({ isAccepted }) => isAccepted).map(({ position }) => position))
  const isLeftOut = (position: number) => isSkipped(skipped, position) && leftOutUpTo.some((end) => position <= end)
  const wrongs: string[] = []
  for (const event of world.published) {
    const wants = world.records.get(number)!.types.includes('*') || event.type.startsWith('invoice.')
    if (!wants || event.position <= from || accepted.has(event.position) || isLeftOut(event.position)) continue
    const row = await world.store.find({ subscription: number, partition: 0, position: event.position })
    const isCoalescing = world.records.get(number)!.coalesce === 'latest'
    const isRightlySuperseded =
      isCoalescing &&
      row?.status === 'superseded' &&
      isReplaceable(event) &&
      world.published.some(
        (later) =>
          later.position > event.position &&
          entityOf(later) === entityOf(event) &&
          (accepted.has(later.position) || isLeftOut(later.position)),
      )
    if (!isRightlySuperseded) {
      wrongs.push(
        `subscription ${number}: event ${event.position} was never accepted; it is ${row?.status ?? 'unknown'}`,
      )
    }
  }
  return wrongs
}

/** What was under way when the rest was left out has arrived by then. */
const longestUnderWayMs = 20_000

function sentThoughLeftOut(number: number, received: readonly Received[], skipped: readonly SkippedSpan[]): string[] {
  const first = new Map<number, number>()
  for (const { position, atMs } of received) if (!first.has(position)) first.set(position, atMs)
  return skipped.flatMap(({ after, to, atMs, isReadAgain }) =>
    [...first]
      .filter(([position, firstMs]) => after < position && position <= to && firstMs > atMs + longestUnderWayMs)
      .filter(() => !isReadAgain)
      .map(([position]) => `subscription ${number}: event ${position} was left out and is sent all the same`),
  )
}

/** Nothing is sent again that was accepted: not where a loop of its own joins the shared one either. */
function doubled(number: number, received: readonly Received[]): string[] {
  const accepted = received.filter(({ isAccepted }) => isAccepted).map(({ position }) => position)
  const twice = accepted.filter((position, index) => accepted.indexOf(position) !== index)
  return twice.map((position) => `subscription ${number}: event ${position} was accepted twice`)
}

function phantom(world: World, number: number, from: number, received: readonly Received[]): string[] {
  const known = new Set(world.published.map(({ position }) => position))
  return received
    .filter(({ position }) => !known.has(position) || position <= from)
    .map(({ position }) => `subscription ${number}: event ${position} is none of its own`)
}

/** Invariant 3: an event's delivery id never changes, and its sequence only by a replay. */
function unstable(number: number, received: readonly Received[], isReplayed: boolean): string[] {
  const wrongs: string[] = []
  const ids = new Map<number, string>()
  const sequences = new Map<number, number | null>()
  for (const { position, deliveryId, sequence } of received) {
    const id = ids.get(position)
    if (id !== undefined && id !== deliveryId)
      wrongs.push(`subscription ${number}: event ${position} has two delivery ids`)
    ids.set(position, deliveryId)
    const before = sequences.get(position)
    if (before !== undefined && before !== sequence && !isReplayed) {
      wrongs.push(`subscription ${number}: event ${position} had sequence ${before} and then ${sequence}`)
    }
    sequences.set(position, sequence)
  }
  if (isReplayed) return wrongs
  const byPosition = [...sequences].sort(([a], [b]) => a - b)
  for (const [index, [position, sequence]] of byPosition.entries()) {
    const previous = byPosition[index - 1]?.[1]
    if (previous !== undefined && previous !== null && sequence !== null && sequence <= previous) {
      wrongs.push(`subscription ${number}: event ${position} has sequence ${sequence} after ${previous}`)
    }
  }
  return wrongs
}

/** No two events have one sequence, whatever happened. */
function shared(number: number, received: readonly Received[]): string[] {
  const positions = new Map<number | null, number>()
  const wrongs = new Set<string>()
  for (const { position, sequence } of received) {
    // A replay gives an event another one: its first stays its own.
    const first = positions.get(sequence) ?? position
    positions.set(sequence, first)
    if (first !== position)
      wrongs.add(`subscription ${number}: events ${first} and ${position} have sequence ${sequence}`)
  }
  return [...wrongs]
}

/**
 * Whether a receiver got every sequence up to the last. Not what was superseded or left out had; and a replay gives
 * to nobody what a crash may have been sent with, or what an ordered subscription held back behind others.
 */
function hasEverySequence(world: World, { number, isReplayed, leftOutUpTo }: SubscriptionFacts): boolean {
  const { coalesce, ordering } = world.records.get(number)!
  if (coalesce === 'latest' || leftOutUpTo.length > 0) return false
  return !isReplayed || (world.crashes === 0 && ordering === 'none')
}

function gaps(number: number, received: readonly Received[]): string[] {
  const sequences = [...new Set(received.map(({ sequence }) => sequence ?? 0))].sort((a, b) => a - b)
  return sequences
    .filter((sequence, index) => sequence !== index + 1)
    .slice(0, 1)
    .map((sequence) => `subscription ${number}: sequence ${sequence} comes after a gap`)
}

/** Invariant 6. */
function disordered(number: number, received: readonly Received[]): string[] {
  const wrongs: string[] = []
  const newest = new Map<string, number>()
  for (const { entity, position, isAccepted } of received) {
    const accepted = newest.get(entity) ?? 0
    if (position < accepted)
      wrongs.push(`subscription ${number}: event ${position} of ${entity} came after ${accepted}`)
    if (isAccepted && position > accepted) newest.set(entity, position)
  }
  return wrongs
}
