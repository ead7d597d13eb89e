import { Tabs } from '@mantine/core'
import { ForeignText } from './foreign.tsx'

export interface NamedText {
  readonly name: string
  readonly label: string
  readonly text: string
}

interface Props {
  readonly texts: readonly NamedText[]
  /** The name of the one that is shown. */
  readonly shown: string
  readonly onChange: (name: string) => void
}

/** Several texts of one thing, one at a time. */
export function TextTabs({ texts, shown, onChange }: Props) {
  return (
    <Tabs value={shown} onChange={(name) => name !== null && onChange(name)}>
      <Tabs.List mb={8}>
        {texts.map(({ name, label }) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {texts.map(({ name, label, text }) => (
        <Tabs.Panel key={name} value={name}>
          {name === shown && <ForeignText text={text} label={label} />}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
