import { Button, Checkbox, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { catalogueQuery, type EventType, samplesQuery } from '../../api/catalogue.ts'
import { ForeignText } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './wizard.module.css'

/** Enough to choose from; the search narrows it. */
const shownAtOnce = 40

interface Props {
  readonly dialect: string
  readonly value: readonly string[]
  readonly onChange: (types: readonly string[]) => void
}

/** Types are picked from the catalogue, each with an event of it. */
export function TypeStep({ dialect, value, onChange }: Props) {
  const { t } = useSpeech()
  const catalogue = useQuery(catalogueQuery)
  const [search, setSearch] = useState('')
  const [seen, setSeen] = useState<EventType | null>(null)
  const known = (catalogue.data ?? []).filter(({ names }) => isOf(dialect) || names[dialect] !== undefined)
  const found = known.filter(({ type, description }) =>
    `${type} ${description}`.toLowerCase().includes(search.toLowerCase()),
  )
  const isAll = value.includes('*')
  return (
    <Section title={t('wizard.types')}>
      {catalogue.isPending && <Loading rows={4} />}
      {catalogue.isError && <Failure error={catalogue.error} />}
      <Checkbox
        label={t('wizard.allTypes')}
        checked={isAll}
        onChange={(change) => onChange(change.currentTarget.checked ? ['*'] : [])}
      />
      {!isAll && (
        <>
          <TextInput
            mt={8}
            label={t('search')}
            placeholder="invoice"
            value={search}
            onChange={(change) => setSearch(change.currentTarget.value)}
          />
          <Checkbox.Group value={[...value]} onChange={onChange}>
            <ul className={style.types}>
              {found.slice(0, shownAtOnce).map((type) => (
                <li key={type.type}>
                  <Checkbox value={type.type} label={type.type} description={type.description} />
                  <Button variant="subtle" onClick={() => setSeen(seen === type ? null : type)}>
                    {t('wizard.sample')}
                  </Button>
                </li>
              ))}
            </ul>
          </Checkbox.Group>
          <p className="soft">{t('wizard.chosen', { count: value.length, known: known.length })}</p>
        </>
      )}
      {seen && <Sample type={seen} dialect={dialect} />}
    </Section>
  )
}

/** What the receiver gets for one of the type. */
function Sample({ type: { type }, dialect }: { type: EventType; dialect: string }) {
  const samples = useQuery(samplesQuery(type))
  if (samples.isPending) return <Loading rows={3} />
  if (samples.isError) return <Failure error={samples.error} />
  return <ForeignText text={samples.data.find((each) => each.dialect === dialect)?.body ?? ''} label={type} />
}

/** These two speak of every type. */
function isOf(dialect: string): boolean {
  return dialect === 'standard' || dialect === 'cloudevents'
}
