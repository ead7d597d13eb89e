import { Button } from '@mantine/core'
import { useSpeech } from '../text/language.tsx'
import style from './more.module.css'

interface Pages {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => unknown
}

/** The next page of a list, on demand: lists have no end that a browser could hold. */
export function More({ pages }: { pages: Pages }) {
  const { t } = useSpeech()
  if (!pages.hasNextPage) return null
  return (
    <div className={style.more}>
      <Button loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
        {t('more')}
      </Button>
    </div>
  )
}
