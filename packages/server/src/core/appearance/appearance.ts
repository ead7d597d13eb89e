/** How the application that Tidings serves looks, for the pages that its integrators see. */
export interface Appearance {
  readonly name: string | null
  /** `https://…` or `data:image/…`; null: none. */
  readonly logo: string | null
  readonly colors: Partial<Record<ColorName, string>>
}

/** What may be coloured: buttons and links, what stands on them, the ground, and text on it. */
export const colorNames = ['accent', 'onAccent', 'background', 'text'] as const
export type ColorName = (typeof colorNames)[number]

export interface AppearanceFault {
  /** JSON Pointer into what was given. */
  readonly pointer: string
  readonly detail: string
}

export const plainAppearance: Appearance = { name: null, logo: null, colors: {} }

const mostNameCharacters = 80
/** A logo that is sent with every look at the pages. */
const mostLogoCharacters = 64 * 1_024
/** As CSS writes them, and nothing else that CSS would read: these texts come to stand in a style sheet. */
const hexColor = /^#(?:[\da-f]{3}|[\da-f]{6})$/i
/** An image element runs no script of an SVG, and loads nothing that one names. */
const dataImage = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[\w+/]+={0,2}$/

/**
 * Checks an appearance that the operator gives: `{name?, logo?, colors?}`.
 *
 * @param allowsUrl whether the logo may be loaded by https; a page loads from nowhere that its policy does not name
 */
export function checkAppearance(
  given: unknown,
  allowsUrl: boolean,
): { readonly appearance: Appearance; readonly faults: readonly AppearanceFault[] } {
  const faults: AppearanceFault[] = []
  const fault = (pointer: string, detail: string) => {
    faults.push({ pointer, detail })
    return null
  }
  if (!isObject(given)) {
    fault('', 'must have `name`, `logo` or `colors`')
    return { appearance: plainAppearance, faults }
  }
  for (const name of Object.keys(given)) {
    if (!['name', 'logo', 'colors'].includes(name)) fault(`/${name}`, 'is not known; there are name, logo and colors')
  }
  const { name = null, logo = null, colors = {} } = given
  const isName = typeof name === 'string' && name.length >= 1 && name.length <= mostNameCharacters
  if (name !== null && !(isName && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name) && name.isWellFormed())) {
    fault('/name', `must be a text of 1 to ${mostNameCharacters} characters on one line`)
  }
  if (logo !== null && !isLogo(logo, allowsUrl)) {
    const kinds = 'data:image/… in base64 (PNG, JPEG, GIF, WebP or SVG)'
    fault('/logo', `must be ${allowsUrl ? 'an https URL or ' : ''}${kinds}, up to 64 KiB`)
  }
  if (!isObject(colors)) fault('/colors', 'must be names with colours')
  else {
    for (const [color, value] of Object.entries(colors)) {
      const isKnown = colorNames.some((known) => known === color)
      if (!isKnown) fault(`/colors/${color}`, `is not known; there are ${colorNames.join(', ')}`)
      else if (typeof value !== 'string' || !hexColor.test(value)) {
        fault(`/colors/${color}`, 'must be a colour as #1a7f5a')
      }
    }
  }
  if (faults.length > 0) return { appearance: plainAppearance, faults }
  return { appearance: { name, logo, colors } as Appearance, faults }
}

/** What a link says goes before what the configuration says. */
export function overlaid(appearance: Appearance, over: Appearance | null): Appearance {
  if (over === null) return appearance
  return {
    name: over.name ?? appearance.name,
    logo: over.logo ?? appearance.logo,
    colors: { ...appearance.colors, ...over.colors },
  }
}

/** From where the logo is loaded; null: it comes with the page. */
export function logoOrigin({ logo }: Appearance): string | null {
  return logo?.startsWith('https:') ? new URL(logo).origin : null
}

function isLogo(value: unknown, allowsUrl: boolean): boolean {
  if (typeof value !== 'string' || value.length > mostLogoCharacters) return false
  if (dataImage.test(value)) return true
  const url = allowsUrl && URL.canParse(value) ? new URL(value) : null
  return url?.protocol === 'https:' && url.username + url.password === ''
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
