import { judge } from './judge.ts'
import { World } from './world.ts'

async function live(seed: number): Promise<World> {
  const world = new World(seed)
  const { random } = world
  await world.start()
  const steps = random.between(10, 40)
  for (let step = 0; step < steps; step += 1) await act(world)
  await heal(world)
  return world
}

/** More than a lane takes into memory: whoever is slow falls behind. */
const manyEvents = 150

async function act(world: World): Promise<void> {
  const { random, records, clock } = world
  const number = records.size > 0 ? random.pick([...records.keys()]) : undefined
  const roll = random.next()
  if (roll < 0.35) await world.publish(random.chance(0.01) ? manyEvents : random.between(1, 5))
  else if (roll < 0.5 || number === undefined) {
    if (records.size < 4) await world.subscribe(randomOptions(world), random.pick(['now', 'earliest']))
  } else if (roll < 0.6) {
    const receiver = world.receivers.of(number)
    receiver.failure = random.pick([0, 0, 0.1, 0.5, 1])
    receiver.slowMs = random.pick([1, 50, 2_000, 20_000])
    receiver.deadUntilMs = random.chance(0.3) ? clock.now() + random.between(1, 100_000) : 0
  } else if (roll < 0.7) {
    world.crash()
    await world.start()
  } else if (roll < 0.74) {
    const { from } = world.facts.get(number)!
    await world.rewind(number, random.between(from, Math.max(from, world.webhooks.readership.settledTo(number))))
  } else if (roll < 0.8) {
    const isActive = records.get(number)!.status === 'active'
    world.change(number, { status: isActive ? 'disabled' : 'active' })
  } else if (roll < 0.82) world.delete(number)
  else if (roll < 0.86) world.change(number, { secrets: [] })
  else if (roll < 0.89) await world.pauseCatchUp(number)
  else if (roll < 0.91) await world.resumeCatchUp(number)
  else if (roll < 0.94) await world.cancelCatchUp(number)
  else if (roll < 0.96) await world.enableFromNow(number)
  await clock.advance(random.pick([0, 1, 5, 30, 200, 3_000, 60_000]))
}

function randomOptions({ random }: World): object {
  return {
    ordering: random.pick(['none', 'entity']),
    coalesce: random.pick(['none', 'none', 'latest']),
    concurrency: random.pick([1, 4]),
    types: random.pick([['*'], ['invoice.*']]),
    ratePerSecond: random.chance(0.1) ? 5 : null,
  }
}

/** Every receiver gets well, everything is enabled, and time goes on until nothing is left to do. */
async function heal(world: World): Promise<void> {
  for (const [number, record] of world.records) {
    Object.assign(world.receivers.of(number), { failure: 0, slowMs: 1, deadUntilMs: 0 })
    world.change(number, { status: 'active', types: record.types })
    await world.resumeCatchUp(number)
  }
  for (let round = 0; round < 60; round += 1) {
    await world.clock.advance(600_000)
    const { waiting } = await world.store.count()
    const isRead = [...world.records.keys()].every((number) => world.webhooks.readership.behind(number) === 0)
    if (waiting === 0 && isRead && world.webhooks.lag === 0 && world.webhooks.attemptsUnderWay === 0) return
  }
}

/** Lives one world through and judges it. */
export async function wrongsOf(seed: number): Promise<string[]> {
  const world = await live(seed)
  const wrongs = await judge(world)
  world.crash()
  return wrongs.map((wrong) => `seed ${seed}: ${wrong}`)
}
