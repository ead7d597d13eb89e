import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** How old a reading may be; a tick with thousands of expired attempts makes one. */
const maxAgeMs = 1_000

let queues: ReadonlyMap<string, number> = new Map()
let readMs = Number.NEGATIVE_INFINITY

/**
 * Bytes that the kernel holds for the peer and that the peer's kernel has not acknowledged. Linux
 * only (`/proc/self/net/tcp`), because Node has no other way to ask; elsewhere it is 0. `nowMs` as `performance.now()`.
 */
export function unacknowledgedBytes(socket: Socket, nowMs: number): number {
  if (nowMs - readMs > maxAgeMs) {
    readMs = nowMs
    queues = new Map(['tcp', 'tcp6'].flatMap((table) => [...sendQueues(readTable(table))]))
  }
  return queues.get(`${socket.localPort}:${socket.remotePort}`) ?? 0
}

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'latin1')
  } catch {
    return ''
  }
}

/**
 * Send queues of established connections by `localPort:remotePort`, from the kernel's table:
 * ```
 *   sl  local_address rem_address   st tx_queue:rx_queue …
 *    2: 0100007F:8501 0100007F:AC38 01 000D041B:00000000 …
 * ```
 */
export function sendQueues(table: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const [, local, remote, queued] of table.matchAll(
    /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) 01 ([0-9A-F]{8}):/gm,
  )) {
    found.set(`${Number.parseInt(local!, 16)}:${Number.parseInt(remote!, 16)}`, Number.parseInt(queued!, 16))
  }
  return found
}
