import { anchor, escapeHtml, inlineProse, jsonBlock, prose } from './html.ts'
import { type DocumentedSchema, schemaView } from './schema.ts'

interface Media {
  readonly schema?: DocumentedSchema
  readonly example?: unknown
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: DocumentedSchema
  }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >
}

export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, DocumentedSchema>> }
}

export interface PageSection {
  readonly id: string
  readonly title: string
  readonly links: readonly { readonly id: string; readonly text: string; readonly method?: string }[]
  readonly html: string
}

/** A section per tag, in the document's order; dialects, which have none there, after them. */
export function operationSections({ paths, tags, components }: OpenApi): PageSection[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const names = new Set([
    ...tags.map(({ name }) => name),
    ...operations.flatMap(({ operation }) => operation.tags ?? []),
  ])
  return [...names].map((name) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(name))
    const description = tags.find((tag) => tag.name === name)?.description
    return {
      id: anchor('tag', name),
      title: name,
      links: own.map(({ method, path, operation }) => ({
        id: anchor(method, path),
        text: operation.summary ?? path,
        method,
      })),
      html: `${description ? prose(description) : ''}${own
        .map(({ path, method, operation }) => operationView(method, path, operation, components.schemas))
        .join('')}`,
    }
  })
}

type Schemas = Readonly<Record<string, DocumentedSchema>>

function operationView(method: string, path: string, operation: Operation, schemas: Schemas): string {
  const { summary = path, description, security = [], parameters = [], requestBody, responses } = operation
  const keys = security.flatMap((scheme) => Object.keys(scheme))
  return `<details><summary><b class="method ${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code> <span>${escapeHtml(summary)}</span></summary><div id="${anchor(method, path)}">
${description ? prose(description) : ''}
${keys.length > 0 ? `<p class="keys">Key: ${keys.map((key) => `<code>${escapeHtml(key)}</code>`).join(' or ')}</p>` : ''}
${parameters.length > 0 ? `<h4>Parameters</h4>${parametersView(parameters)}` : ''}
${requestBody ? `<h4>Body${requestBody.required === false ? ' (optional)' : ''}</h4>${mediaView(requestBody.content, schemas)}` : ''}
<h4>Answers</h4>${Object.entries(responses)
    .map(([status, response]) => responseView(status, response, schemas))
    .join('')}</div></details>`
}

function parametersView(parameters: NonNullable<Operation['parameters']>): string {
  const rows = parameters.map(({ name, in: place, required, description, schema }) => {
    const mark = required ? '<span class="required">*</span>' : ''
    return `<tr><th><code>${escapeHtml(name)}</code>${mark}</th><td><small>${place}</small> ${inlineProse(description ?? schema?.description ?? '')}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function responseView(
  status: string,
  { description, content }: Operation['responses'][string],
  schemas: Schemas,
): string {
  const isProblem = content !== undefined && 'application/problem+json' in content
  const line = `<b class="status s${status[0]}">${escapeHtml(status)}</b> ${inlineProse(description)}`
  return isProblem || content === undefined
    ? `<p class="answer">${line}</p>`
    : `<div class="answer">${line}${mediaView(content, schemas)}</div>`
}

function mediaView(content: Readonly<Record<string, Media>>, schemas: Schemas): string {
  return Object.entries(content)
    .map(([type, { schema, example }]) => {
      const shown = example ?? exampleOf(schema, schemas)
      return `<p class="media"><code>${escapeHtml(type)}</code></p>${schema ? schemaView(schema) : ''}${shown === undefined ? '' : jsonBlock(shown)}`
    })
    .join('')
}

function exampleOf(schema: DocumentedSchema | undefined, schemas: Schemas): unknown {
  if (!schema) return undefined
  const own = schema.example ?? schema.examples?.[0]
  if (own !== undefined) return own
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.split('/').at(-1)!], schemas)
  return schema.anyOf ? exampleOf(schema.anyOf[0], schemas) : undefined
}

export function schemaSection(schemas: Schemas): PageSection {
  const entries = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    id: 'schemas',
    title: 'Schemas',
    links: entries.map(([name]) => ({ id: anchor('schema', name), text: name })),
    html: entries
      .map(
        ([name, schema]) =>
          `<details><summary><code>${escapeHtml(name)}</code></summary><div id="${anchor('schema', name)}">${schemaView(schema)}</div></details>`,
      )
      .join(''),
  }
}
