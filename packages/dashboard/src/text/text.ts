import type { en } from './en.ts'

export const languages = ['en', 'sv', 'nb', 'nl', 'pl'] as const
export type Language = (typeof languages)[number]

/** A text with `{placeholders}`, or its forms by the plural rule of `count`. */
export type Text = string | Plural
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>
export type TextKey = keyof typeof en
/** Every language has every text. */
export type Texts = Readonly<Record<TextKey, Text>>
export type Values = Readonly<Record<string, string | number>>

export function format(text: Text, values: Values, language: string): string {
  const form = typeof text === 'string' ? text : pluralForm(text, Number(values.count), language)
  return form.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value
  })
}

function pluralForm(text: Plural, count: number, language: string): string {
  return text[new Intl.PluralRules(language).select(count)] ?? text.other
}

/** The first language of the browser's list that the pages speak. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split('-')[0]
    if (short === 'no' || short === 'nn') return 'nb'
    const known = languages.find((language) => language === short)
    if (known) return known
  }
  return 'en'
}
