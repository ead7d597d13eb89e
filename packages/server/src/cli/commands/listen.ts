import { randomBytes } from 'node:crypto'
import { memberTexts, type ReceivedEvent } from '@tidings/client'
import type { Command } from 'commander'
import { webhookHeaders } from '../../core/dialect/signature.ts'
import { makeHmacSecret, readHmacSecret } from '../../core/dialect/signature-secret.ts'
import { withExample } from '../console/example.ts'
import { untilInterrupted } from '../console/interrupt.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { UsageError } from '../console/usage-error.ts'
import { timeOrAge, waitSeconds, wholeNumber } from '../console/values.ts'
import { eventLine, liveEvents, type ReadFlags, withFilters } from './tail.ts'

interface ListenFlags extends ReadFlags {
  readonly forwardTo: string
  readonly secret?: string
  readonly timeout: number
  readonly events?: number
}

interface ForwardOutcome {
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
}

/**
 * The server cannot reach a developer's machine, and its endpoint guard would not let it: so this
 * command reads the stream and makes the webhook requests itself, from here.
 */
export function addListen(program: Command): void {
  withExample(
    withConnection(
      withFilters(
        program
          .command('listen')
          .description(
            'sends live events to a local program as signed `standard` webhooks, made by this command and not by the server: one attempt each, in order, no retries',
          )
          .requiredOption('--forward-to <url>', 'where your program listens, as http://localhost:3000/hook'),
      )
        .option('--secret <secret>', 'signs with this secret (whsec_…); default: a new one, shown at the start')
        .option('--since <time>', 'where to begin: a time, or how long ago, as 10m', (text) => timeOrAge(text))
        .option('--timeout <seconds>', 'for a whole attempt', waitSeconds, 15)
        .option('--events <number>', 'stops after this many events', wholeNumber),
    ),
    'tidings listen --forward-to http://localhost:3000/hook --type "invoice.*"',
  ).action(async (flags: ListenFlags, command: Command) => {
    const session = openConnection(command)
    const { out } = session
    const target = targetOf(flags.forwardTo)
    const secret = flags.secret ?? makeHmacSecret(randomBytes(32))
    if (!readHmacSecret(secret)) throw new UsageError('--secret must be whsec_ and then 24 to 64 bytes as base64')
    out.note(`Forwarding to ${target}, signed with ${secret}`)
    let sequence = 0
    await untilInterrupted(async (signal) => {
      for await (const event of liveEvents(session, flags, signal)) {
        const outcome = await forward(event, ++sequence, { target, secret, timeoutSeconds: flags.timeout, signal })
        await out.result(
          { ...outcome, sequence, event: { id: event.id, topic: event.topic, offset: event.offset } },
          () => {
            const said = outcome.error ?? String(outcome.status)
            const colour = outcome.error === null ? 'green' : 'red'
            return out.line(`${eventLine(event, out)}  ${out.paint(colour, said)} ${outcome.durationMs} ms`)
          },
        )
        if (sequence === flags.events) return
      }
    })
  })
}

function targetOf(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(`--forward-to ${text}: give an address as http://localhost:3000/hook`)
  return url.href
}

async function forward(
  event: ReceivedEvent,
  sequence: number,
  options: { target: string; secret: string; timeoutSeconds: number; signal: AbortSignal },
): Promise<ForwardOutcome> {
  const body = bodyOf(event, sequence)
  const secrets = [{ algorithm: 'hmac-sha256' as const, secret: options.secret }]
  // Made of the event's place, so that listening again from the past gives the same ids.
  const headers = webhookHeaders(secrets, `dlv_local_${event.topic}_${event.offset}`, Date.now(), body)
  const startedAt = performance.now()
  const durationMs = () => Math.round(performance.now() - startedAt)
  const deadline = AbortSignal.timeout(options.timeoutSeconds * 1_000)
  try {
    const response = await fetch(options.target, {
      method: 'POST',
      headers: [
        ...headers.map(([name, value]): [string, string] => [name, value]),
        ['content-type', 'application/json'],
      ],
      body,
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, deadline]),
    })
    await response.body?.cancel()
    const error = response.ok ? null : `http_${response.status}`
    return { status: response.status, error, durationMs: durationMs() }
  } catch (error) {
    if (options.signal.aborted) throw error
    return { status: null, error: deadline.aborted ? 'attempt_timeout' : reasonOf(error), durationMs: durationMs() }
  }
}

/** The event's text as it came, with the sequence where the server puts it: after the offset. */
function bodyOf(event: ReceivedEvent, sequence: number): string {
  const members = [...memberTexts(event.raw)].map(([key, text]) =>
    key === 'offset' ? `"offset":${text},"sequence":${sequence}` : `${JSON.stringify(key)}:${text}`,
  )
  return `{${members.join(',')}}`
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ECONNREFUSED') return 'connection_refused'
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'dns_failed' : 'connection_closed'
}
