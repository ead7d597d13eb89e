import { setTimeout as timeout } from 'node:timers/promises'

/** Rejects with the signal's reason when it fires before. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { signal })
}
