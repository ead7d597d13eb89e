import { parseDocument } from 'yaml'
import type { MailSettings } from './operational-events.ts'

export type MailSettingsResult =
  | { readonly ok: true; readonly mail: MailSettings | null }
  | { readonly ok: false; readonly faults: readonly string[] }

/**
 * The `smtp` section of the file:
 *
 *   smtp:
 *     url: smtps://user:password@mail.example.com
 *     from: tidings@example.com
 *     to: [ops@example.com]
 */
export function readMailSettings(fileText: string | null): MailSettingsResult {
  if (fileText === null) return { ok: true, mail: null }
  const content: unknown = parseDocument(fileText).toJS()
  const section = (content as { smtp?: unknown } | null)?.smtp
  if (section === undefined || section === null) return { ok: true, mail: null }
  const faults: string[] = []
  const { url, from, to, ...others } = section as Record<string, unknown>
  for (const name of Object.keys(others)) faults.push(`${name}: is not a setting; there are url, from and to`)
  if (typeof url !== 'string' || !/^smtps?:\/\/\S+$/.test(url) || !URL.canParse(url))
    faults.push('url: must be smtp://… or smtps://…')
  if (typeof from !== 'string' || !from.includes('@')) faults.push('from: must be a mail address')
  const recipients = [to].flat()
  if (recipients.length === 0 || !recipients.every((item) => typeof item === 'string' && item.includes('@'))) {
    faults.push('to: must be one or several mail addresses')
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, mail: { url: url as string, from: from as string, to: recipients as string[] } }
}
