import { Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type EventType, type Sample, samplesQuery } from '../../api/catalogue.ts'
import { type PublishedEvent, publishEvent } from '../../api/event.ts'
import { parseExact } from '../../api/exact-json.ts'
import { Act } from '../../parts/act.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './type-detail.module.css'

/** Publishes one event of the type, as it is typed; it begins with a sample. */
export function TryOut({ type }: { type: EventType }) {
  const samples = useQuery(samplesQuery(type.type))
  if (!samples.isSuccess) return null
  return <Editor event={samples.data.find(({ dialect }) => dialect === 'standard')?.event ?? { type: type.type }} />
}

function Editor({ event: { time: _time, ...event } }: { event: Sample['event'] }) {
  const { t } = useSpeech()
  const [text, setText] = useState(() => JSON.stringify(event, null, 2))
  const [published, setPublished] = useState<PublishedEvent | null>(null)
  return (
    <Section title={t('catalogue.tryOut')}>
      <Textarea
        label={t('catalogue.event')}
        autosize
        minRows={6}
        maxRows={20}
        classNames={{ input: 'mono' }}
        value={text}
        onChange={(change) => setText(change.currentTarget.value)}
        spellCheck={false}
      />
      <div className={style.row}>
        <Act
          variant="filled"
          run={async () => publishEvent(parseExact(text))}
          onDone={({ events }) => setPublished(events[0] ?? null)}
        >
          {t('catalogue.publish')}
        </Act>
        {published && (
          <span role="status">
            <Status tone="good">{t('catalogue.published')}</Status>{' '}
            <Link to="/events/$id" params={{ id: published.id }}>
              {published.id}
            </Link>
          </span>
        )}
      </div>
    </Section>
  )
}
