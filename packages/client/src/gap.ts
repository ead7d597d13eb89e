import { TidingsError } from './errors.ts'

/** Events that retention removed before they were read: they cannot come any more. */
export interface Gap {
  /** Of a feed; undefined: any of the stream's topics. */
  readonly topic: string | undefined
  /** The position from which reading should have gone on. */
  readonly after: string
}

/** Reading ended, because going on would leave events out without a word. `code` is `gap`. */
export class GapError extends TidingsError {
  readonly gap: Gap

  constructor(gap: Gap) {
    super(
      'gap',
      `The position ${gap.after}${gap.topic === undefined ? '' : ` of ${gap.topic}`} is older than the retention: the events after it, up to the earliest that is kept, are gone. To go on with the earliest, give onGap, and bring your data up to date there.`,
    )
    this.gap = gap
  }
}

/** Called at a gap; reading goes on with the earliest event once it resolves. Without it a gap throws. */
export type OnGap = (gap: Gap) => void | Promise<void>

/** @throws GapError when nobody takes the gap upon himself; whatever `onGap` throws */
export async function passGap(gap: Gap, onGap: OnGap | undefined): Promise<void> {
  if (!onGap) throw new GapError(gap)
  await onGap(gap)
}
