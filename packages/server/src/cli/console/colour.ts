const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

export type Colour = keyof typeof codes
export type Paint = (colour: Colour, text: string) => string

const escapeUnit = String.fromCharCode(27)

export const colourPaint: Paint = (colour, text) => {
  const [on, off] = codes[colour]
  return `${escapeUnit}[${on}m${text}${escapeUnit}[${off}m`
}
export const plainPaint: Paint = (_colour, text) => text

/** NO_COLOR (no-color.org) wins over FORCE_COLOR; without either, a terminal that is not dumb has colours. */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

/** An action's colour: what begins is green, what changes yellow, what ends red. */
export function actionColour(type: string): Colour {
  const action = type.slice(type.indexOf('.') + 1)
  if (/creat|add|insert|register/.test(action)) return 'green'
  if (/delet|remov|destroy|cancel|void/.test(action)) return 'red'
  return 'yellow'
}

const entityColours = ['cyan', 'magenta', 'blue'] as const

/** The same colour for the same entity, every time. */
export function entityColour(type: string): Colour {
  let sum = 0
  for (const unit of type.slice(0, type.indexOf('.'))) sum += unit.charCodeAt(0)
  return entityColours[sum % entityColours.length]!
}
