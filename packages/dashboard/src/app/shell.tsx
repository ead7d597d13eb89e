import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation, useRouteContext } from '@tanstack/react-router'
import { useState } from 'react'
import { type Session, sessionQuery } from '../api/session.ts'
import { SignIn } from '../pages/sign-in/sign-in.tsx'
import { Failure, Loading } from '../parts/states.tsx'
import { useSpeech } from '../text/language.tsx'
import { useAppearance } from './appearance.ts'
import { Keyboard } from './keyboard.tsx'
import { Navigation } from './navigation.tsx'
import { NoRight } from './no-right.tsx'
import { maySee, placeOf } from './places.ts'
import { SessionContext } from './session.tsx'
import style from './shell.module.css'
import { TopBar } from './top-bar.tsx'

/** Around every page: who is signed in, where one can go, the keyboard. Without a session it is the sign-in. */
export function Shell() {
  const session = useQuery(sessionQuery)
  const { linkFailure } = useRouteContext({ from: '__root__' })
  if (session.isPending)
    return (
      <div className={style.alone}>
        <Loading rows={3} />
      </div>
    )
  if (session.isError) {
    return (
      <div className={style.alone}>
        <Failure error={session.error} retry={() => void session.refetch()} />
      </div>
    )
  }
  return session.data === null ? <SignIn linkFailure={linkFailure} /> : <Signed session={session.data} />
}

function Signed({ session }: { session: Session }) {
  const { t } = useSpeech()
  const [isOpen, setOpen] = useState(false)
  const place = useLocation({ select: ({ pathname }) => placeOf(pathname) })
  const appearance = useAppearance(session.kind === 'portal')
  return (
    <SessionContext value={session}>
      <a className={style.skip} href="#main">
        {t('skip')}
      </a>
      <div className={style.shell}>
        <TopBar appearance={appearance} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
        <Navigation isOpen={isOpen} onGone={() => setOpen(false)} />
        <main id="main" className={style.main} tabIndex={-1}>
          {place && !maySee(place, session) ? <NoRight place={place} /> : <Outlet />}
        </main>
      </div>
      <Keyboard />
    </SessionContext>
  )
}
