import { Link } from '@tanstack/react-router'
import { PageFrame } from '../parts/page-frame.tsx'
import { Empty } from '../parts/states.tsx'
import { useSpeech } from '../text/language.tsx'

export function Missing() {
  const { t } = useSpeech()
  return (
    <PageFrame title={t('missing.title')}>
      <Empty title={t('missing.what')}>
        <Link to="/">{t('nav.overview')}</Link>
      </Empty>
    </PageFrame>
  )
}
