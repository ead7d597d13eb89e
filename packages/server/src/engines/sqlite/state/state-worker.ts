import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import { backUpDatabase } from '../file/backup.ts'
import { damaged } from '../file/damage.ts'
import { openDatabase } from '../file/database.ts'
import { HighMark } from '../file/high-mark.ts'
import { storageError } from '../file/storage-error.ts'
import { forgetPages } from '../file/transaction.ts'
import { unpackAttempts } from './attempt-columns.ts'
import { AuditTable } from './audit-table.ts'
import { deliveryMigrations, verifiedTables } from './delivery-schema.ts'
import { DeliveryTables } from './delivery-tables.ts'
import { registryMigrations } from './registry-schema.ts'
import { RegistryTables } from './registry-tables.ts'
import type {
  FromState,
  StateAnswer,
  StateCallName,
  StateCalls,
  StateFiles,
  StateRequest,
  ToState,
} from './state-call.ts'

/** The thread of registry and delivery state: a slow disk stalls it and nothing else. */
interface Open {
  readonly databases: { readonly registry: DatabaseSync; readonly delivery: DatabaseSync }
  /** How far the registry's changes, and the settlements of deliveries, had come. */
  readonly marks: { readonly registry: HighMark; readonly delivery: HighMark }
  readonly registry: RegistryTables
  readonly audit: AuditTable
  readonly delivery: DeliveryTables
}

type Handlers = {
  [K in StateCallName]: (
    argument: StateCalls[K]['argument'],
  ) => StateCalls[K]['result'] | Promise<StateCalls[K]['result']>
}

const port = parentPort!
const files = workerData as StateFiles
let state: Open | undefined
/** The backup under way or the last one: the databases stay open until it has ended. */
let backingUp: Promise<null> = Promise.resolve(null)

function opened(): Open {
  if (!state) throw new AppError('shutting_down', 'the store is closed')
  return state
}

function open(): null {
  const registry = openDatabase({
    file: join(files.directory, 'registry.db'),
    migrations: registryMigrations,
    lockTimeoutMs: files.lockTimeoutMs,
    verified: ['records'],
  })
  const marks = {
    registry: new HighMark(join(files.directory, 'registry.mark')),
    delivery: new HighMark(join(files.directory, 'delivery.mark')),
  }
  try {
    const delivery = openDatabase({
      file: join(files.directory, 'delivery.db'),
      migrations: deliveryMigrations,
      lockTimeoutMs: files.lockTimeoutMs,
      cacheMiB: 64,
      verified: Object.keys(verifiedTables),
    })
    const registryTables = new RegistryTables(registry)
    if (registryTables.changes < marks.registry.value) {
      throw damaged('the newest part of the registry (registry.db-wal)')
    }
    const deliveryTables = new DeliveryTables(delivery)
    if (deliveryTables.settlements < marks.delivery.value) {
      throw damaged('the newest part of the state of deliveries (delivery.db-wal)')
    }
    state = {
      databases: { registry, delivery },
      marks,
      registry: registryTables,
      audit: new AuditTable(registry),
      delivery: deliveryTables,
    }
  } catch (error) {
    for (const mark of Object.values(marks)) mark.close()
    registry.close()
    throw error
  }
  for (const subscription of state.delivery.forgetting()) {
    // A failure here leaves the mark in place, and the next start tries again.
    inSlices(() => opened().delivery.forgetSome(subscription)).catch(() => {})
  }
  return null
}

/** Does what changes the registry's database, and marks how far that came. */
function changing<T>(work: (state: Open) => T): T {
  const open = opened()
  const result = work(open)
  open.marks.registry.raise(open.registry.changes)
  return result
}

/** Runs long work in slices, with everything else that waits in between. */
async function inSlices(slice: () => boolean): Promise<null> {
  while (slice()) await new Promise((resolve) => setImmediate(resolve))
  return null
}

async function backUp({ databases }: Open, directory: string): Promise<null> {
  // Delivery state first: a registry that knows more than it is what a crash leaves too, and start-up copes with that.
  await backUpDatabase(databases.delivery, join(directory, 'delivery.db'))
  await backUpDatabase(databases.registry, join(directory, 'registry.db'))
  return null
}

const handlers: Handlers = {
  open,
  commit: ({ writes, nowMs }) => changing(({ registry }) => registry.commit(writes, nowMs)),
  changesAfter: ({ revision, limit }) => opened().registry.changesAfter(revision, limit),
  audit({ entries, nowMs }) {
    changing(({ audit }) => audit.append(entries, nowMs))
    return null
  },
  auditPage: (request) => opened().audit.page(request),
  nextNumber: () => changing(({ registry }) => registry.nextNumber()),
  load: (shares) => opened().delivery.load(shares),
  place(beginning) {
    const { delivery, marks } = opened()
    const place = delivery.place(beginning)
    marks.delivery.raise(delivery.settlements)
    return place
  },
  settle({ shares, ...settlement }) {
    const { delivery, marks } = opened()
    delivery.settle({ ...settlement, attempts: unpackAttempts(settlement.attempts) }, shares)
    marks.delivery.raise(delivery.settlements)
    return null
  },
  due: (request) => opened().delivery.due(request),
  bringForward(request) {
    opened().delivery.bringForward(request)
    return null
  },
  nextDueMs: (waiting) => opened().delivery.nextDueMs(waiting),
  oldestWaiting: (request) => opened().delivery.oldestWaiting(request),
  knownAfter: (request) => opened().delivery.knownAfter(request),
  reopen: (request) => opened().delivery.reopen(request),
  deliveredAfter: ({ shares, requests }) => opened().delivery.deliveredAfter(shares, requests),
  list: (query) => opened().delivery.list(query),
  find: (key) => opened().delivery.find(key),
  attemptsOf: (key) => opened().delivery.attemptsOf(key),
  count: (subscription) => opened().delivery.count(subscription),
  undelivered: (request) => opened().delivery.undelivered(request),
  series: (request) => opened().delivery.series(request),
  tally(tallies) {
    const { delivery, marks } = opened()
    delivery.tally(tallies)
    marks.delivery.raise(delivery.settlements)
    return null
  },
  forget(subscription) {
    opened().delivery.startForgetting(subscription)
    return inSlices(() => opened().delivery.forgetSome(subscription))
  },
  dropBefore: (timeMs) => inSlices(() => opened().delivery.dropSomeBefore(timeMs)),
  backUp(directory) {
    backingUp = backingUp.catch(() => {}).then(() => backUp(opened(), directory))
    return backingUp
  },
  async close() {
    await backingUp.catch(() => {})
    state?.databases.registry.close()
    state?.databases.delivery.close()
    for (const mark of Object.values(state?.marks ?? {})) mark.close()
    state = undefined
    return null
  },
}

async function answer({ id, name, argument }: StateRequest): Promise<StateAnswer> {
  try {
    return { id, kind: 'done', result: await handlers[name](argument as never) }
  } catch (cause) {
    const error = storageError(cause)
    if (!(error instanceof AppError)) return { id, kind: 'bug', error }
    const { code, message, errors, retryAfterSeconds } = error
    if (code === 'storage_unavailable')
      for (const database of Object.values(state?.databases ?? {})) forgetPages(database)
    return { id, kind: 'refused', code, message, errors, retryAfterSeconds }
  }
}

/** Everybody who calls: the thread that started this one, and those that it let in. */
const lines = new Set<MessagePort>()

function serve(line: MessagePort): void {
  lines.add(line)
  line.on('close', () => lines.delete(line))
  line.on('message', (message: ToState) => {
    if ('serve' in message) serve(message.serve)
    else void answerOn(line, message)
  })
}

async function answerOn(line: MessagePort, request: StateRequest): Promise<void> {
  const result = await answer(request)
  line.postMessage(result satisfies FromState)
  const isChange = request.name === 'commit' && result.kind === 'done'
  if (!isChange) return
  for (const other of lines) if (other !== line) other.postMessage({ kind: 'changed' } satisfies FromState)
}

serve(port)
