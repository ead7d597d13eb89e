import { Button, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { Problem } from '../api/problem.ts'
import { useSpeech } from '../text/language.tsx'
import { Foreign } from './foreign.tsx'
import { Icon } from './icon.tsx'
import style from './states.module.css'

/** What would stand here, and what makes it happen. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={style.empty}>
      <p className={style.title}>{title}</p>
      {children}
    </div>
  )
}

/** The shape of what comes. It shows after 150 ms, so that a quick answer does not flicker. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useSpeech()
  return (
    <div className={style.loading} role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
        <Skeleton key={row} height={16} width={`${92 - ((row * 17) % 40)}%`} />
      ))}
    </div>
  )
}

interface FailureProps {
  readonly error: Error
  readonly retry?: () => void
  /** False where the heading above says it already. */
  readonly isTitled?: boolean
}

/** What failed, and what to do; a refusal for want of a right says which key has it. */
export function Failure({ error, retry, isTitled = true }: FailureProps) {
  const { t } = useSpeech()
  const title = useFailureTitle(error)
  return (
    <div className={style.failure} role="alert">
      <Icon name="warning" />
      <div>
        {isTitled && <p className={style.title}>{title}</p>}
        <p>
          <Foreign>{error.message}</Foreign>
        </p>
        {error instanceof Problem && error.faults.length > 0 && (
          <ul className={style.faults}>
            {error.faults.map(({ pointer, detail }) => (
              <li key={pointer + detail}>
                <code>{pointer}</code> <Foreign>{detail}</Foreign>
              </li>
            ))}
          </ul>
        )}
        {retry && (
          <Button mt={8} onClick={retry}>
            {t('state.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}

export function useFailureTitle(error: Error): string {
  const { t } = useSpeech()
  if (!(error instanceof Problem)) return t('state.fault')
  if (error.status === 0) return t('state.unreachable')
  if (error.status === 403) return t('state.noRight')
  return error.status === 404 ? t('state.notFound') : t('state.refused')
}
