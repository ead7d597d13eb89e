import { Type } from 'typebox'
import type { MailSettings } from '../../observe/operational-events.ts'
import { section } from '../schema/section.ts'

const address = { pattern: '@' }

/**
 * Where mail goes when something needs a person:
 *
 *   smtp:
 *     url: smtps://user:password@mail.example.com
 *     from: tidings@example.com
 *     to: [ops@example.com]      # or one
 */
export const smtp = section({
  schema: Type.Object({
    url: Type.String({
      fault: (url: unknown) =>
        typeof url === 'string' && /^smtps?:\/\/\S+$/.test(url) && URL.canParse(url)
          ? undefined
          : 'must be smtp://… or smtps://…',
    }),
    from: Type.String({ ...address, fault: 'must be a mail address' }),
    to: Type.Union([Type.String(address), Type.Array(Type.String(address), { minItems: 1 })], {
      fault: 'must be one or several mail addresses',
    }),
  }),
  absent: (): MailSettings | null => null,
  read: ({ url, from, to }) => ({ url, from, to: [to].flat() }),
})
