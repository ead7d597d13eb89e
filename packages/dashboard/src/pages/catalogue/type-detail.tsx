import { CloseButton } from '@mantine/core'
import type { EventType } from '../../api/catalogue.ts'
import { useMay } from '../../app/session.tsx'
import { ForeignText } from '../../parts/foreign.tsx'
import { Facts, Section } from '../../parts/page-frame.tsx'
import { useSpeech } from '../../text/language.tsx'
import { Samples } from './samples.tsx'
import { TryOut } from './try-out.tsx'
import style from './type-detail.module.css'

/** One type: its names, its fields, its schema, and a try. */
export function TypeDetail({ type, onClose }: { type: EventType; onClose: () => void }) {
  const { t } = useSpeech()
  const mayPublish = useMay('publish')
  return (
    <div className={style.panel}>
      <Section title={type.type} actions={<CloseButton data-close="" aria-label={t('close')} onClick={onClose} />}>
        <p>{type.description}</p>
        <div className={style.facts}>
          <Facts
            facts={[
              [t('column.topic'), type.topic],
              ...Object.entries(type.names).map(
                ([dialect, name]) => [dialect, <code key="name">{name}</code>] as const,
              ),
              ...type.attributes.map(({ name, type: kind }) => [t('catalogue.attribute', { name }), kind] as const),
            ]}
          />
        </div>
        {type.dataSchema && (
          <ForeignText text={JSON.stringify(type.dataSchema, null, 2)} label={t('catalogue.schema')} />
        )}
      </Section>
      <Samples type={type.type} />
      {mayPublish && <TryOut type={type} />}
    </div>
  )
}
