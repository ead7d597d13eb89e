import { Link } from '@tanstack/react-router'
import type { Delivery } from '../api/delivery.ts'
import { digitsOf } from '../api/exact-json.ts'
import { useSpeech } from '../text/language.tsx'
import { DeliveryMark, LastError } from './delivery-mark.tsx'
import { Foreign } from './foreign.tsx'
import { Moment } from './moment.tsx'
import { type Column, Table } from './table.tsx'

/** Deliveries as every page lists them. @param isOfOne the subscription is the page's own, and is not told again */
export function DeliveryTable({ rows, isOfOne }: { rows: readonly Delivery[]; isOfOne?: boolean }) {
  const { t } = useSpeech()
  const columns: readonly Column<Delivery>[] = [
    { heading: t('column.when'), cell: ({ lastAttempt }) => lastAttempt && <Moment at={lastAttempt.at} /> },
    { heading: t('column.status'), cell: ({ status }) => <DeliveryMark status={status} /> },
    {
      heading: t('column.event'),
      isWide: true,
      cell: ({ id, event }) => (
        <Link to="/deliveries/$id" params={{ id }}>
          {event.type} <Foreign>{event.entityId}</Foreign>
        </Link>
      ),
    },
    { heading: t('column.tenant'), cell: ({ event }) => digitsOf(event.tenantId) },
    ...(isOfOne ? [] : [subscriptionColumn(t('column.subscription'))]),
    { heading: t('column.attempts'), isNumber: true, cell: ({ attempts }) => attempts },
    { heading: t('column.error'), cell: (delivery) => <LastError delivery={delivery} /> },
    { heading: t('column.next'), cell: ({ nextAttemptAt }) => nextAttemptAt && <Moment at={nextAttemptAt} isDue /> },
  ]
  return <Table label={t('nav.deliveries')} columns={columns} rows={rows} keyOf={({ id }) => id} />
}

function subscriptionColumn(heading: string): Column<Delivery> {
  return {
    heading,
    cell: ({ subscription }) =>
      subscription && (
        <Link to="/subscriptions/$id" params={{ id: subscription }} className="mono">
          {subscription}
        </Link>
      ),
  }
}
