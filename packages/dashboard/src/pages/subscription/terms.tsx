import type { Subscription } from '../../api/subscription.ts'
import { Copy } from '../../parts/copy.tsx'
import { Foreign, ForeignText } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Facts, Section } from '../../parts/page-frame.tsx'
import { useSpeech } from '../../text/language.tsx'
import { tenantsText } from './tenants-text.ts'

/** What it asked for. */
export function Terms({ subscription }: { subscription: Subscription }) {
  const { t } = useSpeech()
  const { endpoint, types, dialect, filter, fields, ordering, coalesce, batch, retry, ratePerSecond } = subscription
  return (
    <Section title={t('subscription.terms')}>
      <Facts
        facts={[
          [
            t('column.endpoint'),
            <span key="url">
              <Foreign>{endpoint.url}</Foreign> <Copy text={endpoint.url} />
            </span>,
          ],
          [t('column.dialect'), dialect],
          [t('column.types'), types.join(', ')],
          [t('nav.tenants'), tenantsText(subscription.tenants, t)],
          [t('subscription.ordering'), t(`subscription.ordering.${ordering}`)],
          coalesce === 'latest' ? [t('subscription.coalesce'), t('subscription.coalesce.latest')] : null,
          batch ? [t('subscription.batch'), t('events.count', { count: batch.maxEvents })] : null,
          fields ? [t('subscription.fields'), fields] : null,
          retry ? [t('subscription.retries'), retry.delaysSeconds.join(', ')] : null,
          [t('subscription.concurrency'), subscription.concurrency],
          ratePerSecond ? [t('subscription.rate'), ratePerSecond] : null,
          endpoint.auth ? [t('subscription.auth'), endpoint.auth.type] : null,
          endpoint.headerNames.length > 0 ? [t('delivery.headers'), endpoint.headerNames.join(', ')] : null,
          subscription.signingPublicKey ? [t('subscription.publicKey'), subscription.signingPublicKey] : null,
          [t('column.created'), <Moment key="at" at={subscription.createdAt} />],
        ]}
      />
      {filter && <ForeignText text={JSON.stringify(filter, null, 2)} label={t('subscription.filter')} />}
    </Section>
  )
}
