import { CloseButton, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { digitsOf, exactNumber } from '../../api/exact-json.ts'
import { ask, segment } from '../../api/http.ts'
import {
  type AccessToken,
  createPortalLink,
  deleteIntegration,
  grantTenant,
  type Integration,
  revokeToken,
  rotateClientSecret,
  tokensQuery,
} from '../../api/registry.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './registry.module.css'

const route = getRouteApi('/integrations')

/** One integration: the tenants that granted it, and a link into its portal. */
export function IntegrationDetail({ id }: { id: string }) {
  const { t } = useSpeech()
  const navigate = route.useNavigate()
  const [link, setLink] = useState<string | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const integration = useQuery({
    queryKey: ['integration', id],
    queryFn: ({ signal }) => ask<Integration>('GET', `/v1/integrations/${segment(id)}`, { signal }),
  })
  if (integration.isPending) return <Loading rows={2} />
  if (integration.isError) return <Failure error={integration.error} />
  const { name, clientId } = integration.data
  return (
    <div className={style.panel}>
      <Section
        title={name}
        actions={
          <>
            <Act run={() => createPortalLink(id)} onDone={({ url }) => setLink(url)}>
              {t('integrations.portal')}
            </Act>
            <Confirm
              label={t('integrations.rotate')}
              title={t('integrations.rotate')}
              run={() => rotateClientSecret(id)}
              onDone={({ clientSecret }) => setSecret(`${clientId}:${clientSecret}`)}
            >
              <p>{t('integrations.rotateWhat')}</p>
            </Confirm>
            <Confirm
              label={t('delete')}
              title={t('integrations.delete')}
              name={name}
              isDangerous
              run={() => deleteIntegration(id)}
              onDone={() => navigate({ search: {} })}
            >
              <p>{t('integrations.deleteWhat')}</p>
            </Confirm>
            <CloseButton data-close="" aria-label={t('close')} onClick={() => void navigate({ search: {} })} />
          </>
        }
      >
        {link && <Secret name={t('integrations.portalLink')} secret={link} />}
        {secret && <Secret name={t('integrations.secret')} secret={secret} />}
        <Tokens id={id} />
      </Section>
    </div>
  )
}

function Tokens({ id }: { id: string }) {
  const { t } = useSpeech()
  const search = route.useSearch()
  const [tenant, setTenant] = useState(search.tenant ?? '')
  const [types, setTypes] = useState('')
  const [made, setMade] = useState<AccessToken | null>(null)
  const pages = useInfiniteQuery(tokensQuery(id))
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const columns: readonly Column<AccessToken>[] = [
    { heading: t('column.tenant'), cell: ({ tenantId }) => digitsOf(tenantId) },
    { heading: t('column.types'), isWide: true, cell: (token) => token.types?.join(', ') ?? t('all') },
    { heading: t('tokens.expires'), cell: ({ expiresAt }) => expiresAt && <Moment at={expiresAt} /> },
    { heading: t('column.created'), cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      heading: t('actions'),
      cell: (token) => (
        <Confirm label={t('revoke')} title={t('tokens.revoke')} isDangerous run={() => revokeToken(id, token.id)}>
          <p>{t('tokens.revokeWhat', { tenant: digitsOf(token.tenantId) })}</p>
        </Confirm>
      ),
    },
  ]
  const patterns = types
    .split(',')
    .map((type) => type.trim())
    .filter(Boolean)
  return (
    <>
      <h3>{t('tokens.title')}</h3>
      <div className={style.form}>
        <TextInput
          label={t('column.tenant')}
          value={tenant}
          onChange={(change) => setTenant(change.currentTarget.value.replaceAll(/\D/g, ''))}
        />
        <TextInput
          label={t('column.types')}
          placeholder="invoice.*"
          value={types}
          onChange={(change) => setTypes(change.currentTarget.value)}
        />
        <Act
          disabled={tenant === ''}
          run={() =>
            grantTenant(id, { tenantId: exactNumber(tenant), ...(patterns.length === 0 ? {} : { types: patterns }) })
          }
          onDone={setMade}
        >
          {t('tokens.grant')}
        </Act>
      </div>
      {made?.accessToken && <Secret name={t('tokens.token')} secret={made.accessToken} />}
      {pages.isPending && <Loading rows={2} />}
      {pages.isError && <Failure error={pages.error} />}
      {pages.isSuccess && rows.length === 0 && <Empty title={t('tokens.empty')} />}
      {rows.length > 0 && <Table label={t('tokens.title')} columns={columns} rows={rows} keyOf={(token) => token.id} />}
      <More pages={pages} />
    </>
  )
}
