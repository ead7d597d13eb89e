import { type PublishResult, RawJson, type TenantId, type Tidings, toJson } from '@tidings/client'
import { type Command, Option } from 'commander'
import { Queue } from '../../core/collection/queue.ts'
import { type ByteLine, isBlank } from '../console/byte-lines.ts'
import { withExample } from '../console/example.ts'
import { exitCodes } from '../console/exit-code.ts'
import { interruption } from '../console/interrupt.ts'
import type { Output } from '../console/output.ts'
import { grouped, ProgressLine } from '../console/progress-line.ts'
import { type Format, openEvents, type PublishInput } from '../console/publish-input.ts'
import { RefusedLines } from '../console/refused-lines.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { printable } from '../console/text-width.ts'
import { UsageError } from '../console/usage-error.ts'
import { tenantId, wholeNumber } from '../console/values.ts'

interface PublishFlags {
  readonly format: Format
  readonly skip: number
  readonly failed?: string
  readonly type?: string
  readonly tenant?: TenantId
  readonly entity?: string
  readonly data?: string
  readonly id?: string
  readonly time?: string
}

/** Refused lines that are shown one by one. */
const maxShown = 20

export function addPublish(program: Command): void {
  withExample(
    withConnection(
      program
        .command('publish [file]')
        .description('events from a file or standard input: one as JSON, an array, or NDJSON of any length')
        .addOption(new Option('--format <format>', 'of the input').choices(['auto', 'json', 'ndjson']).default('auto'))
        .option('--skip <lines>', 'skips this many lines, to go on where an earlier run stopped', wholeNumber, 0)
        .option('--failed <file>', 'writes refused lines to this file, so that you can correct and publish them again')
        .optionsGroup('One event, without a file:')
        .option('--type <type>', 'as invoice.updated')
        .option('--tenant <id>', 'whose', tenantId)
        .option('--entity <id>', "the entity's id")
        .option('--data <json>', 'the entity')
        .option('--id <id>', "the event's id, chosen by you: the same id published again is not a second event")
        .option('--time <time>', 'RFC 3339'),
    ),
    'tidings publish --type invoice.updated --tenant 29302 --entity 3817',
    'tidings publish events.ndjson --failed refused.ndjson',
    'my-export | tidings publish',
  ).action(async (file: string | undefined, flags: PublishFlags, command: Command) => {
    const { client, out } = openConnection(command)
    const source = await sourceOf(file, flags, out)
    if (source.kind === 'batch') await publishBatch(client, out, source)
    else await publishLines(client, out, source, { ...flags, file: file ?? '-' })
  })
}

async function sourceOf(file: string | undefined, flags: PublishFlags, out: Output): Promise<PublishInput> {
  if (flags.type === undefined) {
    if (file === undefined && process.stdin.isTTY) out.note('Reading events from standard input; Ctrl-D ends them.')
    return openEvents(file ?? '-', flags.format)
  }
  if (file !== undefined) throw new UsageError('give a file or --type, not both')
  if (flags.tenant === undefined) throw new UsageError('say whose event it is: --tenant 29302')
  const event = {
    tenantId: flags.tenant,
    type: flags.type,
    entityId: flags.entity,
    id: flags.id,
    time: flags.time,
    data: flags.data === undefined ? undefined : rawData(flags.data),
  }
  return { kind: 'batch', texts: [toJson(event)], isArray: false }
}

function noteUnknownTenants(out: Output, events: number): void {
  if (events === 0) return
  out.note(
    `${grouped(events)} ${events === 1 ? 'event is for a tenant that does' : 'events are for tenants that do'} not exist yet, so no webhook is sent. Create the tenant: tidings tenants create <id> <name>`,
  )
}

function rawData(text: string): RawJson {
  try {
    return new RawJson(text)
  } catch (error) {
    throw new UsageError(`--data is not JSON: ${(error as Error).message}`)
  }
}

async function publishBatch(
  client: Tidings,
  out: Output,
  { texts, isArray }: Extract<PublishInput, { kind: 'batch' }>,
): Promise<void> {
  const events = await client.publish(isArray ? texts : texts[0]!)
  await out.result({ events }, async () => {
    for (const event of events)
      await out.line(
        `${event.duplicate ? out.paint('yellow', 'already there') : out.paint('green', 'stored')}  ` +
          `${printable(event.id)}  ${event.topic}  ${event.offset}`,
      )
  })
  noteUnknownTenants(out, events.filter(({ tenantKnown }) => tenantKnown === false).length)
}

async function publishLines(
  client: Tidings,
  out: Output,
  source: Extract<PublishInput, { kind: 'lines' }>,
  options: PublishFlags & { readonly file: string },
): Promise<void> {
  const failed = options.failed === undefined ? undefined : new RefusedLines(options.failed)
  const { signal, dispose } = interruption()
  const progress = new ProgressLine(out, { unit: 'events' })
  const tally = { stored: 0, duplicates: 0, refused: 0 }
  let unknown = 0
  const waiting = new Queue<ByteLine>()
  let done = options.skip
  try {
    for await (const result of client.publishStream(sent(source.lines, options.skip, waiting), { signal })) {
      const line = waiting.shift()!
      done = line.number
      if (result.ok) {
        if (result.event.duplicate) tally.duplicates++
        else tally.stored++
        if (result.event.tenantKnown === false) unknown++
      } else {
        tally.refused++
        failed?.add(line.bytes)
      }
      await tell(out, progress, { ...result, line: line.number }, tally.refused)
      const count = tally.stored + tally.duplicates + tally.refused
      const note = tally.refused > 0 ? `${grouped(tally.refused)} refused` : ''
      progress.set(count, source.size ? line.endOffset / source.size : undefined, note)
    }
  } catch (error) {
    progress.end()
    sayWhereToGoOn(out, options, done, waiting.size)
    if (!signal.aborted) throw error
    process.exitCode = exitCodes.interrupted
  } finally {
    source.close()
    progress.end()
    dispose()
    failed?.close()
  }
  await summarize(out, tally, progress.seconds, options.failed)
  noteUnknownTenants(out, unknown)
  if (tally.refused > 0) process.exitCode ||= exitCodes.failed
}

/** The lines that go out, each noted until it is answered: answers come in the order of lines. */
async function* sent(
  lines: AsyncIterable<ByteLine>,
  skip: number,
  waiting: Queue<ByteLine>,
): AsyncGenerator<Uint8Array> {
  for await (const line of lines) {
    if (line.number <= skip || isBlank(line.bytes)) continue
    waiting.push(line)
    yield line.bytes
  }
}

async function tell(out: Output, progress: ProgressLine, result: PublishResult, refused: number): Promise<void> {
  if (out.isJson) return out.line(toJson(result))
  if (result.ok || refused > maxShown) return
  progress.end()
  const { code, detail, errors } = result.error
  const faults = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ')
  out.note(`line ${result.line}: ${printable(faults.trim() || detail)} [${code}]`)
  if (refused === maxShown)
    out.note('Further refused lines are not shown. Use --failed <file> or --json to keep all of them.')
}

function sayWhereToGoOn(
  out: Output,
  { file, type }: { file: string; type?: string },
  done: number,
  unanswered: number,
): void {
  if (type !== undefined || (done === 0 && unanswered === 0)) return
  const name = file === '-' ? '' : ` ${file}`
  out.note(
    `The server has answered every line up to ${grouped(done)}. To continue: tidings publish${name} --skip ${done}`,
  )
  if (unanswered > 0)
    out.note(
      `${grouped(unanswered)} lines after it got no answer and may be stored. Lines with an id are not published twice.`,
    )
}

async function summarize(
  out: Output,
  tally: { stored: number; duplicates: number; refused: number },
  seconds: number,
  failed: string | undefined,
): Promise<void> {
  const count = tally.stored + tally.duplicates + tally.refused
  const rate = Math.round(count / Math.max(0.001, seconds))
  await out.result({ summary: { ...tally, seconds: Number(seconds.toFixed(3)), perSecond: rate } }, async () => {
    const parts = [
      `${grouped(tally.stored)} stored`,
      tally.duplicates > 0 ? `${grouped(tally.duplicates)} already there` : '',
      tally.refused > 0 ? out.paint('red', `${grouped(tally.refused)} refused`) : '',
    ].filter((part) => part !== '')
    await out.line(`${parts.join(', ')} in ${seconds.toFixed(1)} s (${grouped(rate)}/s)`)
    if (tally.refused > 0 && failed) out.note(`The refused lines are in ${failed}.`)
  })
}
