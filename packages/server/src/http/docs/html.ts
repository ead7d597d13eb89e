const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML; everything of a document goes through it, because operators' event types stand in them too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}

/** Prose of a document: paragraphs, and `code` between backticks. */
export function prose(text: string): string {
  const code = (paragraph: string) => escapeHtml(paragraph).replace(/`([^`]+)`/g, '<code>$1</code>')
  return text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${code(paragraph)}</p>`)
    .join('')
}

/** The same within a line. */
export function inlineProse(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

export function jsonBlock(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`
}

/** An id for a link target. */
export function anchor(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
