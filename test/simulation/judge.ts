import { entityOf, isReplaceable } from '../../packages/server/src/deliver/entity-order.ts'
import type { Received, World } from './world.ts'

/** What a finished world got wrong, in words; empty when every promise was kept. */
export async function judge(world: World): Promise<string[]> {
  const wrongs: string[] = world.failures.map((error) => `a unit of work failed: ${String(error)}`)
  for (const facts of world.facts.values()) {
    if (facts.isDeleted) continue
    const record = world.records.get(facts.number)!
    const received = world.received.filter(({ subscription }) => subscription === facts.number)
    wrongs.push(...(await lost(world, facts.number, facts.from, received)))
    wrongs.push(...phantom(world, facts.number, facts.from, received))
    wrongs.push(...unstable(facts.number, received, facts.isReplayed))
    if (record.ordering === 'entity' && !facts.isReplayed) wrongs.push(...disordered(facts.number, received))
  }
  return wrongs
}

/** Invariant 2: every acknowledged event was attempted, and in a world that heals, accepted. */
async function lost(world: World, number: number, from: number, received: readonly Received[]): Promise<string[]> {
  const accepted = new Set(received.filter(({ isAccepted }) => isAccepted).map(({ position }) => position))
  const wrongs: string[] = []
  for (const event of world.published) {
    const wants = world.records.get(number)!.types.includes('*') || event.type.startsWith('invoice.')
    if (!wants || event.position <= from || accepted.has(event.position)) continue
    const row = await world.store.find({ subscription: number, partition: 0, position: event.position })
    const isCoalescing = world.records.get(number)!.coalesce === 'latest'
    const isRightlySuperseded =
      isCoalescing &&
      row?.status === 'superseded' &&
      isReplaceable(event) &&
      world.published.some(
        (later) =>
          later.position > event.position && entityOf(later) === entityOf(event) && accepted.has(later.position),
      )
    if (!isRightlySuperseded) {
      wrongs.push(
        `subscription ${number}: event ${event.position} was never accepted; it is ${row?.status ?? 'unknown'}`,
      )
    }
  }
  return wrongs
}

function phantom(world: World, number: number, from: number, received: readonly Received[]): string[] {
  const known = new Set(world.published.map(({ position }) => position))
  return received
    .filter(({ position }) => !known.has(position) || position <= from)
    .map(({ position }) => `subscription ${number}: event ${position} is none of its own`)
}

/** Invariant 3: an event's delivery id never changes, and its sequence only by a replay; sequences have no gap. */
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
