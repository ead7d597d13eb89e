import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type EventName, type Explanation, explanationsQuery, type Reason } from '../../api/event.ts'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { More } from '../../parts/more.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { Status, type Tone } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import { MendStep } from './mend-step.tsx'
import style from './who-got-it.module.css'

const tones: Record<Reason, Tone> = {
  delivered: 'good',
  waiting: 'warn',
  failed: 'bad',
  superseded: 'quiet',
  not_granted: 'quiet',
  type_not_subscribed: 'quiet',
  not_in_dialect: 'quiet',
  filtered: 'quiet',
  quiet: 'quiet',
  before_start: 'quiet',
  disabled: 'bad',
  skipped: 'warn',
  expired: 'quiet',
}

/** Each subscription of the event's tenant, with the reason and the steps that bring the event to it. */
export function WhoGotIt({ event }: { event: EventName }) {
  const { t } = useSpeech()
  const pages = useInfiniteQuery({ ...explanationsQuery(event), refetchInterval: 5_000 })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      {pages.isPending && <Loading rows={3} />}
      {pages.isError && <Failure error={pages.error} />}
      {pages.isSuccess && rows.length === 0 && <Empty title={t('event.nobody')} />}
      <ul className={style.list}>
        {rows.map((row) => (
          <Row key={row.subscription} row={row} />
        ))}
      </ul>
      <More pages={pages} />
    </>
  )
}

function Row({ row: { subscription, reason, detail, delivery, mend } }: { row: Explanation }) {
  const { t } = useSpeech()
  return (
    <li className={style.row} data-row="">
      <Status tone={tones[reason]}>{t(`reason.${reason}`)}</Status>
      <Link to="/subscriptions/$id" params={{ id: subscription }} className="mono">
        {subscription}
      </Link>
      <span className={style.detail}>
        <Foreign>{detail}</Foreign>
      </span>
      <span className={style.steps}>
        {delivery && (
          <ButtonLink to="/deliveries/$id" params={{ id: delivery }}>
            {t('event.delivery')}
          </ButtonLink>
        )}
        {mend.map((step, at) => (
          <MendStep key={step.action} step={step} isFirst={at === 0} />
        ))}
      </span>
    </li>
  )
}
