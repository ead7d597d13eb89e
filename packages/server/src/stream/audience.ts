import type { StoredEvent } from '../core/event/event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { StreamEncoding } from './encoding.ts'
import type { View } from './view.ts'

/** One connection's place at the live tail. */
export interface Listener {
  /** @param from The position before the first event that the bytes may hold: where to read on if they are not taken. */
  receive(bytes: Buffer, from: number): void
}

export interface Interest {
  readonly encoding: StreamEncoding
  readonly view: View
  readonly topics: ReadonlySet<string>
}

/** Connections that see exactly the same: what goes to one goes to all, as one buffer. */
interface Audience {
  readonly key: string
  readonly topics: ReadonlySet<string>
  readonly listeners: Set<Listener>
  pending: Buffer[]
}

/** Audiences that share a view, so that the index by tenant is written once for all their topics. */
interface Gallery {
  readonly view: View
  readonly audiences: Map<string, Audience>
  readonly byTopic: Map<string, Set<Audience>>
}

/** The galleries of one encoding. */
interface Tier {
  readonly encoding: StreamEncoding
  readonly galleries: Map<string, Gallery>
  readonly byTenant: Map<TenantId, Set<Gallery>>
}

interface Seat {
  readonly tier: Tier
  readonly gallery: Gallery
  readonly audience: Audience
}

/** Bytes that lie ready; to be handed out before anything else is gathered. */
export interface Gathered {
  readonly audiences: ReadonlySet<Audience>
}

/**
 * Who listens to what at the live tail, indexed by tenant and then topic, so that handing an event
 * out costs its matches and not the connections.
 */
export class AudienceIndex {
  readonly #tiers = new Map<StreamEncoding, Tier>()
  readonly #seats = new Map<Listener, Seat>()

  /** Listeners. */
  get size(): number {
    return this.#seats.size
  }

  /** Seats a listener, in place of the seat that it had. */
  join(listener: Listener, interest: Interest): void {
    const previous = this.#seats.get(listener)
    const tier = this.#tierFor(interest.encoding)
    const gallery = galleryFor(tier, interest.view)
    const audience = audienceFor(gallery, interest.topics)
    if (previous?.audience === audience) return
    audience.listeners.add(listener)
    this.#seats.set(listener, { tier, gallery, audience })
    if (previous) this.#vacate(listener, previous)
  }

  leave(listener: Listener): void {
    const seat = this.#seats.get(listener)
    if (!seat) return
    this.#seats.delete(listener)
    this.#vacate(listener, seat)
  }

  /** Encodes a run of events, each once per encoding, and lays the bytes out for those who listen to them. */
  gather(events: readonly StoredEvent[], offsetOf: (event: StoredEvent) => string): Gathered {
    const audiences = new Set<Audience>()
    try {
      for (const tier of this.#tiers.values()) {
        for (const event of events) gatherEvent(tier, event, offsetOf, audiences)
      }
    } catch (error) {
      for (const audience of audiences) audience.pending = []
      throw error
    }
    return { audiences }
  }

  /** Calls each listener concerned once, with one buffer. Returns how many events times listeners it was. */
  handOut({ audiences }: Gathered, from: number): number {
    let deliveries = 0
    for (const audience of audiences) {
      const frames = audience.pending
      audience.pending = []
      deliveries += frames.length * audience.listeners.size
      const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames)
      // A copy, because a listener that cannot take the bytes leaves.
      for (const listener of [...audience.listeners]) listener.receive(bytes, from)
    }
    return deliveries
  }

  #tierFor(encoding: StreamEncoding): Tier {
    let tier = this.#tiers.get(encoding)
    if (!tier) {
      tier = { encoding, galleries: new Map(), byTenant: new Map() }
      this.#tiers.set(encoding, tier)
    }
    return tier
  }

  #vacate(listener: Listener, { tier, gallery, audience }: Seat): void {
    audience.listeners.delete(listener)
    if (audience.listeners.size > 0) return
    gallery.audiences.delete(audience.key)
    for (const topic of audience.topics) removeFrom(gallery.byTopic, topic, audience)
    if (gallery.audiences.size > 0) return
    tier.galleries.delete(gallery.view.key)
    for (const tenantId of gallery.view.tenants.keys()) removeFrom(tier.byTenant, tenantId, gallery)
    if (tier.galleries.size === 0) this.#tiers.delete(tier.encoding)
  }
}

function gatherEvent(
  tier: Tier,
  event: StoredEvent,
  offsetOf: (event: StoredEvent) => string,
  touched: Set<Audience>,
): void {
  const galleries = tier.byTenant.get(event.tenantId)
  if (!galleries) return
  let frame: Buffer | undefined
  for (const gallery of galleries) {
    const audiences = gallery.byTopic.get(event.topic)
    if (!audiences || !gallery.view.tenants.get(event.tenantId)?.allows(event.type)) continue
    frame ??= tier.encoding.encode(event, offsetOf(event))
    if (!frame) return
    for (const audience of audiences) {
      audience.pending.push(frame)
      touched.add(audience)
    }
  }
}

function galleryFor(tier: Tier, view: View): Gallery {
  let gallery = tier.galleries.get(view.key)
  if (!gallery) {
    gallery = { view, audiences: new Map(), byTopic: new Map() }
    tier.galleries.set(view.key, gallery)
    for (const tenantId of view.tenants.keys()) addTo(tier.byTenant, tenantId, gallery)
  }
  return gallery
}

function audienceFor(gallery: Gallery, topics: ReadonlySet<string>): Audience {
  const key = JSON.stringify([...topics].sort())
  let audience = gallery.audiences.get(key)
  if (!audience) {
    audience = { key, topics: new Set(topics), listeners: new Set(), pending: [] }
    gallery.audiences.set(key, audience)
    for (const topic of topics) addTo(gallery.byTopic, topic, audience)
  }
  return audience
}

function addTo<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key)
  if (values) values.add(value)
  else index.set(key, new Set([value]))
}

function removeFrom<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key)
  values?.delete(value)
  if (values?.size === 0) index.delete(key)
}
