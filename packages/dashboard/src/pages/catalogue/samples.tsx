import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { samplesQuery } from '../../api/catalogue.ts'
import { Copy } from '../../parts/copy.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { TextTabs } from '../../parts/text-tabs.tsx'
import { useSpeech } from '../../text/language.tsx'

/** What an event of the type looks like in each dialect that can name it. */
export function Samples({ type }: { type: string }) {
  const { t } = useSpeech()
  const { data, error, isPending } = useQuery(samplesQuery(type))
  const [chosen, setChosen] = useState('standard')
  const shown = data?.find(({ dialect }) => dialect === chosen) ?? data?.[0]
  return (
    <Section title={t('catalogue.samples')} actions={shown && <Copy text={shown.body ?? ''} />}>
      {isPending && <Loading rows={4} />}
      {error && <Failure error={error} />}
      {shown && (
        <TextTabs
          texts={data!.map(({ dialect, body }) => ({ name: dialect, label: dialect, text: body ?? '' }))}
          shown={shown.dialect}
          onChange={setChosen}
        />
      )}
    </Section>
  )
}
