import { ActionIcon, Button, NativeSelect, useMantineColorScheme } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { signOut } from '../api/session.ts'
import { Icon } from '../parts/icon.tsx'
import { useSpeech } from '../text/language.tsx'
import { languages, type TextKey } from '../text/text.ts'
import { type Right, useSession } from './session.tsx'
import style from './shell.module.css'

interface Entry {
  readonly to: NonNullable<LinkProps['to']>
  readonly label: TextKey
  /** Whoever has one of them sees it. */
  readonly for: readonly (Right | 'portal')[]
  /** What it is called for an integrator in the portal. */
  readonly portalLabel?: TextKey
}

const groups: readonly { readonly title?: TextKey; readonly entries: readonly Entry[] }[] = [
  {
    entries: [
      { to: '/', label: 'nav.overview', for: ['operate'] },
      { to: '/events', label: 'nav.events', for: ['read'] },
      {
        to: '/subscriptions',
        label: 'nav.subscriptions',
        for: ['operate', 'subscribe', 'portal'],
        portalLabel: 'nav.portal.subscriptions',
      },
      {
        to: '/deliveries',
        label: 'nav.deliveries',
        for: ['operate', 'subscribe', 'portal'],
        portalLabel: 'nav.portal.deliveries',
      },
      { to: '/catalogue', label: 'nav.catalogue', for: ['read'] },
      { to: '/settings', label: 'nav.settings', for: ['operate', 'subscribe'] },
    ],
  },
  {
    title: 'nav.operation',
    entries: [
      { to: '/streams', label: 'nav.streams', for: ['operate'] },
      { to: '/tenants', label: 'nav.tenants', for: ['operate'] },
      { to: '/integrations', label: 'nav.integrations', for: ['operate'] },
      { to: '/keys', label: 'nav.keys', for: ['operate'] },
      { to: '/audit', label: 'nav.audit', for: ['operate'] },
      { to: '/nodes', label: 'nav.nodes', for: ['operate'] },
    ],
  },
]

export function Navigation({ isOpen, onGone }: { isOpen: boolean; onGone: () => void }) {
  const { t } = useSpeech()
  const { kind, may } = useSession()
  const rights = kind === 'portal' ? [...may, 'portal'] : may
  return (
    <nav className={style.nav} data-open={isOpen} aria-label={t('nav.pages')}>
      <ul className={style.links}>
        {groups.map(({ title, entries }) => {
          const seen = entries.filter((entry) => entry.for.some((right) => rights.includes(right)))
          if (seen.length === 0) return null
          return [
            title && (
              <li key={title} className={style.group}>
                {t(title)}
              </li>
            ),
            ...seen.map(({ to, label, portalLabel }) => (
              <li key={to}>
                <Link
                  to={to}
                  className={style.link}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  onClick={onGone}
                >
                  {t(kind === 'portal' && portalLabel ? portalLabel : label)}
                </Link>
              </li>
            )),
          ]
        })}
      </ul>
      <Foot />
    </nav>
  )
}

const names: Record<(typeof languages)[number], string> = {
  en: 'English',
  sv: 'Svenska',
  nb: 'Norsk bokmål',
  nl: 'Nederlands',
  pl: 'Polski',
}

function Foot() {
  const { t, language, speak } = useSpeech()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const client = useQueryClient()
  const leave = useMutation({ mutationFn: signOut, onSettled: () => client.resetQueries() })
  const isDark =
    colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  return (
    <div className={style.foot}>
      <div className={style.row}>
        <NativeSelect
          aria-label={t('language')}
          value={language}
          onChange={({ currentTarget }) => speak(languages.find((each) => each === currentTarget.value)!)}
          data={languages.map((value) => ({ value, label: names[value] }))}
        />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={isDark ? t('scheme.light') : t('scheme.dark')}
          onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
        >
          <Icon name={isDark ? 'sun' : 'moon'} />
        </ActionIcon>
      </div>
      <Button loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('signOut')}
      </Button>
      <span className="soft">
        <kbd>?</kbd> {t('keys.hint')}
      </span>
    </div>
  )
}
