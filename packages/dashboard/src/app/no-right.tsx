import { PageFrame } from '../parts/page-frame.tsx'
import { Empty } from '../parts/states.tsx'
import { useSpeech } from '../text/language.tsx'
import type { Place } from './places.ts'

/** In place of a page that the key may not see: which key would. */
export function NoRight({ place }: { place: Place }) {
  const { t } = useSpeech()
  const needs = place.for.includes('read') || place.for.includes('subscribe') ? 'reader' : 'operator'
  return (
    <PageFrame title={t(place.label)}>
      <Empty title={t('state.noRight')}>
        <p>{t(`state.needs.${needs}`)}</p>
      </Empty>
    </PageFrame>
  )
}
