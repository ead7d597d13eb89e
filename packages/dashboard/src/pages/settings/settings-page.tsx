import { PasswordInput, Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { FakturowniaSettings } from './fakturownia-settings.tsx'
import { MoneybirdSettings } from './moneybird-settings.tsx'
import style from './settings.module.css'
import { VismaSettings } from './visma-settings.tsx'

const route = getRouteApi('/settings')
const forms = {
  fakturownia: FakturowniaSettings,
  moneybird: MoneybirdSettings,
  'visma-business-nxt': VismaSettings,
} as const
type Dialect = keyof typeof forms

/**
 * The settings pages that a vendor's users know, over that vendor's own routes. Those take an access token of the
 * account, or the integration's own credentials, which stay in this page and go with it.
 */
export function SettingsPage() {
  const { t } = useSpeech()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [token, setToken] = useState('')
  const dialect: Dialect =
    search.dialect !== undefined && search.dialect in forms ? (search.dialect as Dialect) : 'fakturownia'
  const Form = forms[dialect]
  // Business NXT's webhooks are the integration's, for all its companies.
  const isOfIntegration = dialect === 'visma-business-nxt'
  return (
    <PageFrame title={t('nav.settings')}>
      <Tabs
        value={dialect}
        onChange={(chosen) => void navigate({ search: { dialect: chosen ?? undefined }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb={16}>
          <Tabs.Tab value="fakturownia">Fakturownia</Tabs.Tab>
          <Tabs.Tab value="moneybird">Moneybird</Tabs.Tab>
          <Tabs.Tab value="visma-business-nxt">Business NXT</Tabs.Tab>
        </Tabs.List>
        <div className={style.token}>
          <PasswordInput
            label={t(isOfIntegration ? 'settings.credentials' : 'settings.token')}
            description={t('settings.tokenWhich')}
            value={token}
            onChange={(change) => setToken(change.currentTarget.value.trim())}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          />
        </div>
        {Object.keys(forms).map((name) => (
          <Tabs.Panel key={name} value={name}>
            {token === '' ? (
              <Empty title={t(isOfIntegration ? 'settings.giveCredentials' : 'settings.giveToken')} />
            ) : (
              <Form key={token} token={token} />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </PageFrame>
  )
}
