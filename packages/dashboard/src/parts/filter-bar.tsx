import { TextInput, type TextInputProps } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import style from './filter-bar.module.css'

export function FilterBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <search className={style.bar} aria-label={label}>
      {children}
    </search>
  )
}

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  readonly value: string | undefined
  readonly onSettle: (value: string | undefined) => void
}

/** A filter that takes effect when it is left or confirmed, so that an address is not made of half a word. */
export function FilterField({ value = '', onSettle, ...field }: Props) {
  const [typed, setTyped] = useState({ from: value, text: value })
  if (typed.from !== value) setTyped({ from: value, text: value })
  const settle = () => {
    if (typed.text.trim() !== value) onSettle(typed.text.trim() || undefined)
  }
  return (
    <TextInput
      {...field}
      value={typed.text}
      onChange={(change) => setTyped({ from: value, text: change.currentTarget.value })}
      onBlur={settle}
      onKeyDown={(press) => {
        if (press.key === 'Enter') settle()
      }}
    />
  )
}
