import { Textarea } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EventType } from '../../api/catalogue.ts'
import { type PublishedEvent, publishEvent } from '../../api/event.ts'
import { parseExact } from '../../api/exact-json.ts'
import { Act } from '../../parts/act.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import { sampleOf } from './sample.ts'
import style from './type-detail.module.css'

/** Publishes one event of the type, as it is typed. */
export function TryOut({ type }: { type: EventType }) {
  const { t } = useSpeech()
  const [text, setText] = useState(() => JSON.stringify(sampleOf(type), null, 2))
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
