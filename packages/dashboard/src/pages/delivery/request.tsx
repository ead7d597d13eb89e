import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { requestQuery } from '../../api/delivery-request.ts'
import { Problem } from '../../api/problem.ts'
import { ForeignText } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { curlOf } from './curl.ts'
import { HeaderList } from './header-list.tsx'

/** What the last attempt said, made again: no copy is kept, and what is secret is left out. */
export function Request({ id }: { id: string }) {
  const { t } = useSpeech()
  const { copy, copied } = useClipboard()
  const { data: request, error, isPending } = useQuery(requestQuery(id))
  const isGone = error instanceof Problem && error.status === 404
  return (
    <Section
      title={t('delivery.request')}
      actions={
        request && <Button onClick={() => copy(curlOf(request))}>{copied ? t('copy.done') : t('delivery.curl')}</Button>
      }
    >
      {isPending && <Loading rows={4} />}
      {isGone && <Empty title={t('delivery.gone')} />}
      {error && !isGone && <Failure error={error} />}
      {request && (
        <>
          <HeaderList headers={request.headers} />
          <ForeignText text={request.body ?? ''} label={t('delivery.request')} />
        </>
      )}
    </Section>
  )
}
