import { type AsyncApi, channelSections } from './channels.ts'
import { escapeHtml, prose } from './html.ts'
import { type OpenApi, operationSections, type PageSection, schemaSection } from './operations.ts'
import { style } from './style.ts'

/** Nothing is loaded from anywhere, and nothing runs: the page is text and one style. */
export const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

/** The reference as one page, from the documents that the server gives out. */
export function referencePage(openapi: OpenApi, asyncapi: AsyncApi): string {
  const { title, version, description } = openapi.info
  const parts: [title: string, sections: PageSection[]][] = [
    ['Requests', operationSections(openapi)],
    ['Streams and webhooks', channelSections(asyncapi)],
    ['Shapes', [schemaSection(openapi.components.schemas)]],
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} reference</title><style>${style}</style></head><body>
<nav><p class="brand">${escapeHtml(title)} <small>${escapeHtml(version)}</small></p>${parts.map(navigation).join('')}</nav>
<main><h1>${escapeHtml(title)} reference</h1>${prose(description)}
<p>As documents: <a href="/openapi.json">OpenAPI</a>, <a href="/asyncapi.json">AsyncAPI</a>.</p>
${parts.map(([name, sections]) => `<h2>${name}</h2>${sections.map(sectionView).join('')}`).join('')}</main></body></html>`
}

function navigation([name, sections]: [string, PageSection[]]): string {
  return `<p class="part">${name}</p>${sections
    .map(
      ({ id, title, links }) =>
        `<details><summary><a href="#${id}">${escapeHtml(title)}</a></summary><ul>${links
          .map(({ id: target, text, method }) => {
            const badge = method === undefined ? '' : `<b class="method ${method}">${method.toUpperCase()}</b> `
            return `<li><a href="#${target}">${badge}${escapeHtml(text)}</a></li>`
          })
          .join('')}</ul></details>`,
    )
    .join('')}`
}

function sectionView({ id, title, html }: PageSection): string {
  return `<section id="${id}"><h3>${escapeHtml(title)}</h3>${html}</section>`
}
