import { createContext, type ReactNode, use, useState } from 'react'
import { format, type Language, languages, preferredLanguage, type TextKey, type Texts, type Values } from './text.ts'

const loaders: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('./en.ts')).en,
  sv: async () => (await import('./sv.ts')).sv,
  nb: async () => (await import('./nb.ts')).nb,
  nl: async () => (await import('./nl.ts')).nl,
  pl: async () => (await import('./pl.ts')).pl,
}
const storageKey = 'tidings-language'

export interface Speech {
  readonly language: Language
  readonly t: (key: TextKey, values?: Values) => string
  readonly speak: (language: Language) => void
}

const SpeechContext = createContext<Speech | null>(null)

/** The texts of the language that was chosen here before, else of the browser's own. */
export async function firstTexts(): Promise<{ language: Language; texts: Texts }> {
  const chosen = languages.find((language) => language === localStorage.getItem(storageKey))
  const language = chosen ?? preferredLanguage(navigator.languages)
  document.documentElement.lang = language
  return { language, texts: await loaders[language]() }
}

export function Speaking({ first, children }: { first: { language: Language; texts: Texts }; children: ReactNode }) {
  const [{ language, texts }, setSpoken] = useState(first)
  const speech: Speech = {
    language,
    t: (key, values = {}) => format(texts[key], values, language),
    speak: async (next) => {
      const loaded = await loaders[next]()
      localStorage.setItem(storageKey, next)
      document.documentElement.lang = next
      setSpoken({ language: next, texts: loaded })
    },
  }
  return <SpeechContext value={speech}>{children}</SpeechContext>
}

export function useSpeech(): Speech {
  const speech = use(SpeechContext)
  if (speech === null) throw new Error('useSpeech is called outside of Speaking')
  return speech
}
