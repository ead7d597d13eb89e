import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect } from 'react'
import { type Appearance, appearanceQuery } from '../api/appearance.ts'

/** What each of the application's colours colours here. */
const variables: Record<keyof Appearance['colors'], readonly string[]> = {
  accent: ['--accent', '--accent-filled'],
  onAccent: ['--on-accent'],
  background: ['--paper'],
  text: ['--ink'],
}
const names = Object.keys(variables) as (keyof Appearance['colors'])[]

/** The application's name, logo and colours; operators see Tidings' own. */
export function useAppearance(isPortal: boolean): Appearance | undefined {
  const { data } = useQuery({ ...appearanceQuery, enabled: isPortal })
  useLayoutEffect(() => {
    const { style } = document.documentElement
    for (const name of names) {
      const value = data?.colors[name]
      for (const variable of value === undefined ? [] : variables[name]) style.setProperty(variable, value!)
    }
    return () => {
      for (const variable of Object.values(variables).flat()) style.removeProperty(variable)
    }
  }, [data])
  return data
}
