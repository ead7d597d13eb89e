import { ActionIcon, Button, NativeSelect, useMantineColorScheme } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { signOut } from '../api/session.ts'
import { Icon } from '../parts/icon.tsx'
import { useSpeech } from '../text/language.tsx'
import { languages } from '../text/text.ts'
import { maySee, placeGroups } from './places.ts'
import { useSession } from './session.tsx'
import style from './shell.module.css'

export function Navigation({ isOpen, onGone }: { isOpen: boolean; onGone: () => void }) {
  const { t } = useSpeech()
  const session = useSession()
  return (
    <nav className={style.nav} data-open={isOpen} aria-label={t('nav.pages')}>
      <ul className={style.links}>
        {placeGroups.map(({ title, places }) => {
          const seen = places.filter((place) => maySee(place, session))
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
                  {t(session.kind === 'portal' && portalLabel ? portalLabel : label)}
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
