import { Type } from 'typebox'
import { catchUpReasons } from '../../core/delivery/catch-up.ts'
import { skipReasons } from '../../core/delivery/skipped-span.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const time = Type.String({ format: 'date-time' })
const offsets = Type.Record(Type.String(), Type.String(), { description: 'Topic to offset.' })
const place = (description: string) => Type.Object({ time: nullable(time), offsets }, { description })

const facts = {
  state: Type.Union([Type.Literal('running'), Type.Literal('paused')]),
  reason: Type.Union(
    catchUpReasons.map((reason) => Type.Literal(reason)),
    { description: 'It began in the past, was rewound, was enabled again, or could not keep up.' },
  ),
  since: time,
  pausedAt: nullable(time),
}

export const catchUp = Type.Object(facts, { title: 'CatchUp' })

export const catchUpProgress = Type.Object(
  {
    ...facts,
    from: place('Where it began: after these offsets, at the time of the first event after them.'),
    to: place('Where it goes to: the newest event of the log.'),
    read: Type.Integer({ description: 'Events of the log gone through since it began.' }),
    behind: Type.Integer({ description: 'Events of the log still to go through.' }),
    eventsPerSecond: nullable(
      Type.Number({ description: 'Over the last `windowSeconds`, or since its reading began; null: too new to tell.' }),
    ),
    windowSeconds: Type.Integer(),
    secondsLeft: nullable(
      Type.Integer({ description: 'Until it joins the others, if both go on as they do; null: not known.' }),
    ),
  },
  { title: 'CatchUpProgress' },
)

const skipped = Type.Object(
  {
    reason: Type.Union(skipReasons.map((reason) => Type.Literal(reason))),
    at: time,
    events: Type.Integer({ description: 'Of its own, not in any delivery, still in the log; at most, if not exact.' }),
    isExact: Type.Boolean(),
    droppedEvents: Type.Integer({
      description: "Of the log, anybody's, that retention has dropped: they cannot be brought back.",
    }),
    after: Type.Record(Type.String(), Type.String(), { description: 'Where it begins: topic to offset, exclusive.' }),
    firstAt: nullable(time),
    lastAt: nullable(time),
    rewind: nullable(
      Type.Object(
        { to: Type.Object({ time }) },
        { description: 'The body for `…/rewind` that brings it back; null: nothing of it is left.' },
      ),
    ),
  },
  { title: 'SkippedSpan' },
)

export const notGranted = Type.Object(
  {
    events: Type.Integer({ description: 'At least so many, if not exact.' }),
    isExact: Type.Boolean({ description: 'False: only the newest part of the log was counted.' }),
    firstAt: time,
    lastAt: time,
    tenants: Type.Array(
      Type.Object({
        tenantId: tenantIdOutput,
        events: Type.Integer(),
        grantEndedAt: nullable(
          Type.String({ format: 'date-time', description: 'When its last grant ended; null: it has one again.' }),
        ),
      }),
      { description: 'Whose they are, most events first; at most twenty.' },
    ),
  },
  {
    title: 'NotGranted',
    description:
      'Events that would have been sent, had a grant stood. They are not counted as missed. An integration is told only of those that it may read now.',
  },
)

export const missed = Type.Object(
  {
    subscription: Type.String(),
    behind: Type.Integer({ description: 'Events of the log that are still to be read: not missed, but to come.' }),
    deliveries: Type.Object(
      { waiting: Type.Integer(), failed: Type.Integer(), superseded: Type.Integer() },
      { description: 'Begun and not delivered; `GET /v1/deliveries` lists them by `status`.' },
    ),
    notGranted: nullable(notGranted),
    skipped: Type.Array(skipped, { description: 'What no delivery was begun for, newest first.' }),
  },
  { title: 'Missed' },
)
