/** Pieces of TypeScript. What they are made of is data of an operator, so nothing of it may end a string or a comment. */

export function literal(value: unknown): string {
  // Line separators end no string of TypeScript, but many editors take them for line ends.
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`)
}

/** Lines of a comment, or none without a text. */
export function comment(text: unknown): string[] {
  if (typeof text !== 'string' || text.trim() === '') return []
  const lines = text
    .trim()
    .replaceAll('*/', '*\\/')
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.trim())
  return lines.length === 1 ? [`/** ${lines[0]} */`] : ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */']
}

export interface MemberText {
  readonly name: string
  readonly type: string
  readonly isOptional?: boolean
  readonly description?: unknown
}

/** An object type over several lines; `{}` of nothing is spelled so that it takes no value with members. */
export function objectText(members: readonly MemberText[], indexType?: string): string {
  const lines = members.flatMap(({ name, type, isOptional, description }) => [
    ...comment(description),
    `readonly ${literal(name)}${isOptional ? '?' : ''}: ${type}`,
  ])
  if (indexType !== undefined) lines.push(`readonly [key: string]: ${indexType}`)
  if (lines.length === 0) return '{ readonly [key: string]: never }'
  return `{\n${indented(lines.join('\n'))}\n}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

export function union(types: readonly string[]): string {
  return combined(types, ' | ')
}

export function intersection(types: readonly string[]): string {
  return combined(types, ' & ')
}

function combined(types: readonly string[], operator: string): string {
  const distinct = [...new Set(types)]
  return distinct.length === 1 ? distinct[0]! : distinct.map(inParentheses).join(operator)
}

/** Where it stands beside an operator. */
export function inParentheses(type: string): string {
  return /^(?:[\w$]+|"(?:[^"\\]|\\.)*")$/u.test(type) ? type : `(${type})`
}
