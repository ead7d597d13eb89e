import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { type PendingRewind as Pending, pendingRewinds } from '../../api/pending-rewinds.ts'
import { Failure } from '../../parts/states.tsx'
import { Status } from '../../parts/status.tsx'
import { exactTime } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'
import style from './trouble.module.css'

/** A rewind that has not begun: it can be undone until it does. */
export function PendingRewind({ id }: { id: string }) {
  const client = useQueryClient()
  const pending = useSyncExternalStore(pendingRewinds.subscribe, () => pendingRewinds.of(id))
  // Begun or undone: the page asks anew how the subscription stands.
  const isPending = pending !== undefined
  useEffect(() => {
    if (!isPending) void client.invalidateQueries({ queryKey: ['subscription', id] })
  }, [isPending, client, id])
  return pending ? <Row id={id} pending={pending} /> : null
}

function Row({ id, pending: { from, beginsAtMs, failure } }: { id: string; pending: Pending }) {
  const { t, language } = useSpeech()
  const secondsLeft = useSecondsTo(beginsAtMs)
  return (
    <ul className={style.list}>
      <li>
        <Status tone="warn" icon="clock">
          {t('rewind')}
        </Status>
        {/* It counts down: spoken every second, it would drown everything else. */}
        <span role="timer">
          {t('rewind.pending', { from: exactTime(from, language), seconds: secondsLeft })}
          {failure && <Failure error={failure} />}
        </span>
        <Button onClick={() => pendingRewinds.undo(id)}>{t('rewind.undo')}</Button>
        <Button variant="subtle" onClick={() => void pendingRewinds.beginNow(id)}>
          {t('rewind.beginNow')}
        </Button>
      </li>
    </ul>
  )
}

function useSecondsTo(atMs: number): number {
  const [nowMs, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000))
}
