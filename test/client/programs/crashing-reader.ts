import { appendFileSync } from 'node:fs'
import { Tidings } from '../../../packages/client/src/index.ts'
import { FileCheckpointStore } from '../../../packages/client/src/node.ts'

export interface CrashingReaderOptions {
  readonly url: string
  readonly key: string
  readonly way: 'feed' | 'stream'
  /** Of its checkpoints. */
  readonly folder: string
  /** Each line is an entity id: that is its processing. */
  readonly journal: string
  /** It is killed when it has processed so many, before its place is kept; 0: never. */
  readonly diesAfter: number
  /** The entity id after which it has read enough. */
  readonly last: string
  readonly everyEvents: number
}

const options = JSON.parse(process.argv[2]!) as CrashingReaderOptions
const tidings = new Tidings({ url: options.url, key: options.key })
const { folder, everyEvents, way, last, diesAfter } = options
const checkpoint = { store: new FileCheckpointStore(folder), name: way, everyEvents }
const events =
  way === 'feed'
    ? tidings.feed('invoices', { checkpoint, limit: 50 })
    : tidings.stream({ topics: ['invoices'], checkpoint, since: '2000-01-01T00:00:00Z' })

let processed = 0
let isEnough = false
for await (const event of events) {
  // The one before is done now, and kept, so the next process begins with this one.
  if (isEnough) break
  appendFileSync(options.journal, `${event.entityId}\n`)
  if (++processed === diesAfter) process.kill(process.pid, 'SIGKILL')
  isEnough = event.entityId === last
}
