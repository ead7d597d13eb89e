import { SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Section } from '../../parts/page-frame.tsx'
import { useSpeech } from '../../text/language.tsx'

interface Props {
  readonly value: readonly string[]
  readonly onChange: (tenants: readonly string[]) => void
}

export function TenantStep({ value, onChange }: Props) {
  const { t } = useSpeech()
  const [isList, setList] = useState(value.length > 0)
  const [text, setText] = useState(value.join(', '))
  return (
    <Section title={t('nav.tenants')}>
      <SegmentedControl
        size="xs"
        aria-label={t('nav.tenants')}
        value={isList ? 'list' : 'granted'}
        onChange={(chosen) => {
          setList(chosen === 'list')
          onChange(chosen === 'list' ? idsIn(text) : [])
        }}
        data={[
          { value: 'granted', label: t('tenants.granted') },
          { value: 'list', label: t('tenants.some') },
        ]}
      />
      {isList && (
        <TextInput
          mt={8}
          label={t('tenants.ids')}
          placeholder="29302, 41877"
          value={text}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value)
            onChange(idsIn(currentTarget.value))
          }}
        />
      )}
    </Section>
  )
}

function idsIn(text: string): readonly string[] {
  return text.match(/\d+/g) ?? []
}
