import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { constants, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Check, fail, ok, warn } from './check.ts'
import { existing, may } from './data-directory.ts'

const mib = 1024 * 1024
const leastFreeBytes = 100 * mib
const lowFreeBytes = 1024 * mib
const slowSyncMs = 20
const mendSpace = (place: string) => `See what fills it: du -xh ${place} | sort -h | tail. Or shorten --retention.`

export async function checkDisk(data: string): Promise<readonly Check[]> {
  const place = await existing(resolve(data))
  const space = await checkSpace(place)
  if (!(await may(place, constants.W_OK))) return [space]
  return [space, checkSync(place)]
}

async function checkSpace(place: string): Promise<Check> {
  const { bavail, bsize, blocks, ffree, files } = await statfs(place)
  const free = bavail * bsize
  const share = Math.round((100 * bavail) / Math.max(1, blocks))
  const amount = free < lowFreeBytes ? `${Math.floor(free / mib)} MiB` : `${(free / 1024 / mib).toFixed(1)} GiB`
  const detail = `${amount} free (${share} %) at ${place}`
  const why = 'Publishing is refused when the disk is full, and deliveries are repeated; it goes on once there is room.'
  if (files > 0 && ffree === 0) {
    return fail('disk', `no file can be made at ${place}: its inodes are used up`, { why, advice: mendSpace(place) })
  }
  if (free < leastFreeBytes) return fail('disk', detail, { why, advice: mendSpace(place) })
  if (free < lowFreeBytes) return warn('disk', detail, { why, advice: mendSpace(place) })
  return ok('disk', detail)
}

function checkSync(place: string): Check {
  let ms: number
  try {
    ms = syncMs(place)
  } catch (error) {
    return fail('disk sync', `a page cannot be written at ${place}: ${(error as Error).message}`, {
      why: 'No event can be stored: publishing is refused.',
      advice: `See the kernel's word on it: dmesg | tail. ${mendSpace(place)}`,
    })
  }
  const detail = `a sync takes ${ms.toFixed(ms < 1 ? 2 : 1)} ms`
  if (ms <= slowSyncMs) return ok('disk sync', detail)
  return warn('disk sync', detail, {
    why: 'Every publish waits for one.',
    advice: 'See what else uses the disk: iostat -x 1. Or move --data to a faster one.',
  })
}

/** The median of eleven syncs of a page. */
function syncMs(directory: string): number {
  const file = join(directory, `.doctor-${process.pid}`)
  const descriptor = openSync(file, 'w', 0o600)
  try {
    const page = Buffer.alloc(4_096)
    const times = Array.from({ length: 11 }, () => {
      const startedAt = performance.now()
      writeSync(descriptor, page)
      fsyncSync(descriptor)
      return performance.now() - startedAt
    })
    return times.sort((left, right) => left - right)[5]!
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}
