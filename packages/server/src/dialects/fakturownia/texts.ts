import type { Locale } from './settings.ts'

const pl = {
  blank: '- nie może być puste',
  invalid: '- jest nieprawidłowe',
  notListed: '- nie znajduje się na liście dopuszczalnych wartości',
  unauthorized: 'Brak dostępu: nieprawidłowy token API',
  notFound: 'Nie znaleziono',
  malformed: 'Nie można odczytać żądania',
  tooLarge: 'Żądanie jest zbyt duże',
  tooMany: 'Zbyt wiele żądań, spróbuj ponownie później',
  conflict: 'Dane zmieniły się w międzyczasie, spróbuj ponownie',
  unavailable: 'Usługa jest chwilowo niedostępna, spróbuj ponownie później',
  failed: 'Wystąpił błąd serwera',
}
export type TextKey = keyof typeof pl

const en: Record<TextKey, string> = {
  blank: "- can't be blank",
  invalid: '- is invalid',
  notListed: '- is not included in the list',
  unauthorized: 'Access denied: invalid API token',
  notFound: 'Not found',
  malformed: 'The request cannot be read',
  tooLarge: 'The request is too large',
  tooMany: 'Too many requests, try again later',
  conflict: 'The data changed meanwhile, try again',
  unavailable: 'The service is not available for now, try again later',
  failed: 'The server failed',
}

/** What refusals say, in the account's language. */
export const texts: Record<Locale, Readonly<Record<TextKey, string>>> = { pl, en }

/** The first of our languages that `Accept-Language` names, by its own order of preference. */
export function acceptedLocale(header: string | undefined): Locale | undefined {
  if (header === undefined || header.length > 1_000) return undefined
  const wanted = header
    .split(',')
    .map((item, index) => {
      const [tag = '', ...parameters] = item
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
      return { language: tag.split('-')[0], weight: Number(weight), index }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .find(({ language }) => language === 'pl' || language === 'en')
  return wanted?.language === 'pl' || wanted?.language === 'en' ? wanted.language : undefined
}
