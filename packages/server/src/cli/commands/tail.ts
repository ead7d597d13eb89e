import { memberText, type ReceivedEvent, type TenantId } from '@tidings/client'
import type { Command } from 'commander'
import { actionColour, entityColour } from '../console/colour.ts'
import { withExample } from '../console/example.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import type { Output } from '../console/output.ts'
import { openConnection, type ServerConnection, withConnection } from '../console/server-connection.ts'
import { cutTo, padTo, printable } from '../console/text-width.ts'
import { commaList, tenantIdList, timeOrAge, wholeNumber } from '../console/values.ts'

export interface ReadFlags {
  readonly topic?: readonly string[]
  readonly type?: readonly string[]
  readonly tenant?: readonly TenantId[]
  readonly since?: string
}

export function withFilters(command: Command): Command {
  return command
    .option('--topic <topics>', 'only these; default: all', commaList)
    .option('--type <patterns>', 'only these, as invoice.*', commaList)
    .option('--tenant <ids>', 'only these', tenantIdList)
}

export function addTail(program: Command): void {
  withExample(
    withConnection(
      withFilters(program.command('tail').description('events as they come, until Ctrl-C'))
        .option('--since <time>', 'where to begin: a time, or how long ago, as 10m', (text) => timeOrAge(text))
        .option('--data', 'shows the data too')
        .option('--events <number>', 'stops after this many events', wholeNumber),
    ),
    'tidings tail --type "invoice.*" --tenant 29302 --since 10m',
  ).action(async (flags: ReadFlags & { data?: boolean; events?: number }, command: Command) => {
    const session = openConnection(command)
    const { out } = session
    let count = 0
    await untilInterrupted(async (signal) => {
      for await (const event of liveEvents(session, flags, signal)) {
        // The text as it came, not parsed and written again: every digit of it.
        if (out.isJson) await out.line(event.raw)
        else {
          await out.line(eventLine(event, out))
          const data = flags.data ? memberText(event.raw, 'data') : undefined
          if (data !== undefined) await out.line(`  ${printable(data)}`)
        }
        if (++count === flags.events) return
      }
    })
  })
}

/** For a terminal in columns; `isWhole`, for a pipe, nothing is cut. */
export function eventLine(event: ReceivedEvent, { paint, isWhole }: Pick<Output, 'paint' | 'isWhole'>): string {
  const dot = event.type.indexOf('.')
  const entity = paint(entityColour(event.type), printable(event.type.slice(0, dot)))
  const action = paint(actionColour(event.type), printable(event.type.slice(dot + 1)))
  const padding = ' '.repeat(Math.max(0, 28 - event.type.length))
  // As text: parsed, keys of 64 bits lose digits.
  const entityId = printable(event.entityId ?? memberText(event.raw, 'keys') ?? '')
  const time = isWhole ? event.timestamp : event.timestamp.slice(11, 23)
  return [
    paint('dim', padTo(time, 12)),
    padTo(String(event.tenantId), 8),
    `${entity}.${action}${padding}`,
    padTo(isWhole ? entityId : cutTo(entityId, 20), 20),
    paint('dim', event.offset),
  ]
    .join(' ')
    .trimEnd()
}

/** Live from now or from `since`; opened again by itself when it breaks, which is said. */
export function liveEvents(
  { client, out }: ServerConnection,
  flags: ReadFlags,
  signal: AbortSignal,
): AsyncIterable<ReceivedEvent> {
  return client.stream({
    topics: flags.topic,
    types: flags.type,
    tenants: flags.tenant,
    since: flags.since,
    signal,
    onOpen: () => out.note(out.notePaint('dim', 'Connected. Ctrl-C ends.')),
    onBreak: (error, delayMs) => {
      const seconds = (delayMs / 1_000).toFixed(1)
      out.note(out.notePaint('yellow', `The connection broke (${error.message}). Trying again in ${seconds} s.`))
    },
    onGap: () =>
      out.note(
        out.notePaint(
          'yellow',
          'The retention has removed the events after this place. Reading continues at the earliest event.',
        ),
      ),
  })
}
