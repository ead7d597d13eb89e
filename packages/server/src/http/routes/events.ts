import { PassThrough, type Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { EventStream, errorLine } from '../../publish/event-stream.ts'
import { LineSplitter } from '../../publish/line-splitter.ts'
import { maxRequestBytes, type Publisher } from '../../publish/publisher.ts'
import { maxEventLength } from '../../publish/read-request.ts'
import { textOf } from '../body.ts'
import { publishAnswer, publishBody } from '../schemas/event.ts'

/** A stream of events that sends nothing for this long is ended. */
const idleMs = 60_000
const maxLineBytes = maxEventLength

export interface EventRoutesDeps {
  readonly publisher: Publisher
  /** A stream of events broke off through a fault of the server's own. */
  readonly onFailure: (error: unknown, requestId: string) => void
}

export function eventRoutes(app: FastifyInstance, deps: EventRoutesDeps): void {
  const { publisher } = deps
  app.post('/v1/events', {
    bodyLimit: maxRequestBytes,
    config: {
      callers: ['publisher', 'operator'],
      wantsText: true,
      streamsBody: true,
      takesGzip: true,
      refusals: ['invalid_event', 'id_reused', 'overloaded'],
    },
    schema: {
      summary: 'Publish events',
      description:
        'One event, an array of up to 1,000 (all or nothing), or NDJSON of any length, answered line by line while it is sent. Each may be compressed (`Content-Encoding: gzip`). The answer means that the events are on disk.',
      tags: ['Publishing'],
      ...publishBody,
      response: publishAnswer,
    },
    attachValidation: true,
    validatorCompiler: () => () => true,
    serializerCompiler: () => (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    handler: async (request, reply) => {
      if (typeof request.body === 'string') {
        return reply.code(201).send({ events: await publisher.publish(request.body) })
      }
      if (!request.body)
        throw new AppError('unsupported_media_type', 'Send the body as application/json or application/x-ndjson.')
      const output = new PassThrough()
      const onFailure = (error: unknown) => deps.onFailure(error, request.id)
      void answerLines(request.body as Readable, output, publisher, onFailure)
      return reply
        .code(200 as 201)
        .type('application/x-ndjson')
        .send(output as never)
    },
  })
}

/** Reads lines, publishes them and answers while the request is still open; the one that waits sets the other's pace. */
async function answerLines(
  input: Readable,
  output: PassThrough,
  publisher: Publisher,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const splitter = new LineSplitter(maxLineBytes)
  const stream = new EventStream(publisher, textOf)
  const idle = setTimeout(() => {
    input.destroy(new AppError('request_timeout', 'The client sent nothing for 60 seconds.'))
  }, idleMs)
  const write = async (text: string) => {
    if (text !== '' && !output.write(text)) {
      await new Promise<void>((resolve) => {
        output.once('drain', resolve)
        output.once('close', resolve)
      })
    }
  }
  try {
    for await (const chunk of input) {
      idle.refresh()
      if (output.destroyed) return
      await write(await stream.publish(splitter.push(chunk as Buffer)))
    }
    await write(await stream.publish(splitter.end()))
  } catch (error) {
    const isRefusal = error instanceof AppError
    if (!isRefusal && !hasHungUp(error)) onFailure(error)
    const refusal = isRefusal ? error : new AppError('internal', 'The stream broke off.')
    if (!output.destroyed) output.write(`${errorLine(refusal.code, refusal.message, [])}\n`)
  } finally {
    clearTimeout(idle)
    output.end()
  }
}

function hasHungUp(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}
