import { anchor, escapeHtml, inlineProse, jsonBlock, prose } from './html.ts'
import type { PageSection } from './operations.ts'
import { type DocumentedSchema, schemaView } from './schema.ts'

interface Message {
  readonly summary: string
  readonly contentType: string
  readonly headers?: DocumentedSchema
  readonly payload: DocumentedSchema
  readonly examples?: readonly { readonly payload: unknown }[]
}

export interface AsyncApi {
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly address: string | null
        readonly title: string
        readonly description: string
        readonly messages: Readonly<Record<string, Message>>
      }
    >
  >
}

/** Streams and webhooks, a section per channel. */
export function channelSections({ channels }: AsyncApi): PageSection[] {
  return Object.entries(channels).map(([id, { address, title, description, messages }]) => ({
    id: anchor('channel', id),
    title,
    links: Object.keys(messages).map((name) => ({ id: anchor(id, name), text: name })),
    html: `${address === null ? '' : `<p><code>${escapeHtml(address)}</code></p>`}${prose(description)}${Object.entries(
      messages,
    )
      .map(([name, message]) => messageView(anchor(id, name), name, message))
      .join('')}`,
  }))
}

function messageView(id: string, name: string, { summary, contentType, headers, payload, examples }: Message): string {
  return `<details><summary><code>${escapeHtml(name)}</code> <span>${inlineProse(summary)}</span></summary><div id="${id}">
${headers ? `<h4>Headers</h4>${schemaView(headers)}` : ''}
<h4>Body</h4><p class="media"><code>${escapeHtml(contentType)}</code></p>${schemaView(payload)}
${(examples ?? []).map(({ payload: example }) => jsonBlock(example)).join('')}</div></details>`
}
