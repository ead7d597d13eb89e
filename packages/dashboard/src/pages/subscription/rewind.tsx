import { Button, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { pendingRewinds } from '../../api/pending-rewinds.ts'
import type { Subscription } from '../../api/subscription.ts'
import { Calendar } from '../../parts/calendar.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { exactTime } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'
import { dueQuery } from './due-query.ts'
import style from './rewind.module.css'

const retentionDays = 14

/** Delivers again from a day and time on: says how many events that will be, and leaves time to undo it. */
export function Rewind({ subscription }: { subscription: Subscription }) {
  const { t, language } = useSpeech()
  const [isOpen, { open, close }] = useDisclosure()
  const [day, setDay] = useState(() => startOfDay(new Date()))
  const [time, setTime] = useState('00:00')
  const from = at(day, time)
  const due = useQuery({ ...dueQuery(subscription, from), enabled: isOpen })
  return (
    <>
      <Button onClick={open}>{t('rewind')}</Button>
      <Modal opened={isOpen} onClose={close} title={t('rewind.title')} closeButtonProps={{ 'aria-label': t('close') }}>
        <div className={style.body}>
          <Calendar days={retentionDays} value={day} onChange={setDay} />
          <TextInput
            type="time"
            label={t('rewind.time')}
            value={time}
            onChange={(change) => setTime(change.currentTarget.value || '00:00')}
          />
          <p role="status">
            {due.isSuccess
              ? t(due.data.isWhole ? 'rewind.count' : 'rewind.countAtLeast', { count: due.data.events })
              : t('rewind.counting')}{' '}
            {exactTime(from, language)}
          </p>
          <p className="soft">
            <Foreign>{subscription.endpoint.url}</Foreign> · {t('resend.pace', { count: subscription.concurrency })}
          </p>
          <div className={style.buttons}>
            <Button onClick={close}>{t('cancel')}</Button>
            <Button
              variant="filled"
              disabled={!due.isSuccess}
              onClick={() => {
                pendingRewinds.ask(subscription.id, from)
                close()
              }}
            >
              {t('rewind')}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate())
}

/** A day and a time of day here, as RFC 3339. */
function at(day: Date, time: string): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes).toISOString()
}
