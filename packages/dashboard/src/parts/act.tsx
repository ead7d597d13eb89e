import { Button, type ButtonProps } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSpeech } from '../text/language.tsx'
import style from './act.module.css'
import { Failure } from './states.tsx'

interface Props<Result> extends ButtonProps {
  readonly run: () => Promise<Result>
  /** Before pages ask anew: who deletes something leaves its page first. */
  readonly onDone?: (result: Result) => unknown
  /** Shown when it was done, until the next click. */
  readonly done?: ReactNode
  readonly children: ReactNode
}

/** A button that does one thing on the server, says what came of it, and lets every page ask anew. */
export function Act<Result>({ run, onDone, done, children, ...button }: Props<Result>) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const [isSeen, setSeen] = useState(false)
  const act = useMutation({
    mutationFn: run,
    onMutate: () => setSeen(false),
    onSuccess: async (result) => {
      await onDone?.(result)
      await client.invalidateQueries()
    },
  })
  return (
    <span className={style.act}>
      <Button {...button} loading={act.isPending} onClick={() => act.mutate()}>
        {children}
      </Button>
      {act.isSuccess && done !== undefined && (
        <span role="status" className={style.done}>
          {done}
        </span>
      )}
      {act.isError && !isSeen && (
        <span className={style.failed}>
          <Failure error={act.error} />
          <Button variant="subtle" onClick={() => setSeen(true)}>
            {t('close')}
          </Button>
        </span>
      )}
    </span>
  )
}
