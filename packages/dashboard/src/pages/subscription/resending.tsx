import { useQuery } from '@tanstack/react-query'
import { cancelResend, resendsQuery } from '../../api/delivery.ts'
import { Act } from '../../parts/act.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './trouble.module.css'

const shownForMs = 600_000

/** How far a bulk resend is. The server runs it, so it goes on when the page is left. */
export function Resending({ id }: { id: string }) {
  const { t } = useSpeech()
  const resends = useQuery({
    ...resendsQuery,
    refetchInterval: (query) => (query.state.data?.items.some(({ status }) => status === 'running') ? 1_000 : 15_000),
  })
  const own = resends.data?.items.filter(({ filter }) => filter.subscription === id).at(-1)
  if (!own) return null
  const { status, resent, skipped, endedAt } = own
  if (endedAt !== null && resends.dataUpdatedAt - Date.parse(endedAt) > shownForMs) return null
  return (
    <ul className={style.list}>
      <li role="status">
        <Status tone={status === 'done' ? 'good' : 'quiet'}>{t(`resend.status.${status}`)}</Status>
        <span>{t('resend.progress', { resent, skipped })}</span>
        {status === 'running' && <Act run={() => cancelResend(own.id)}>{t('cancel')}</Act>}
      </li>
    </ul>
  )
}
