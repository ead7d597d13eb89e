import { Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Credentials, sessionQuery, signIn } from '../../api/session.ts'
import { firstPath } from '../../app/sign-in-link.ts'
import { Failure } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './sign-in.module.css'

/** With a key, or with an integration's id and secret. Links sign in by themselves; here stands why one failed. */
export function SignIn({ linkFailure }: { linkFailure: Error | null }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const [key, setKey] = useState('')
  const enter = useMutation({
    mutationKey: ['session'],
    mutationFn: (credentials: Credentials) => signIn(credentials),
    onSuccess: async () => {
      const session = await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
      // An address that was opened by name stays; who came to the front door begins at its own first page.
      if (pathname === '/') await navigate({ to: firstPath(session), replace: true })
    },
  })
  return (
    <main className={style.page}>
      <img src="/ui/mark.svg" alt="" width={40} height={40} />
      <h1>{t('signIn.title')}</h1>
      {linkFailure && (
        <div>
          <Failure error={linkFailure} />
          <p className={style.hint}>{t('signIn.linkFailed')}</p>
        </div>
      )}
      <form
        className={style.form}
        onSubmit={(submit) => {
          submit.preventDefault()
          enter.mutate(credentialsOf(key.trim()))
        }}
      >
        <PasswordInput
          label={t('signIn.key')}
          description={t('signIn.keyWhich')}
          value={key}
          onChange={(change) => setKey(change.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          required
          withAsterisk={false}
        />
        <Button type="submit" size="sm" variant="filled" loading={enter.isPending} disabled={key.trim() === ''}>
          {t('signIn.enter')}
        </Button>
      </form>
      {enter.isError && <Failure error={enter.error} />}
    </main>
  )
}

/** An integration's own credentials are typed as `clientId:clientSecret`, as in the header that carries them. */
function credentialsOf(typed: string): Credentials {
  const at = typed.indexOf(':')
  if (at < 0) return { key: typed }
  return { clientId: typed.slice(0, at), clientSecret: typed.slice(at + 1) }
}
