import { Button, type ButtonProps, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { useSpeech } from '../text/language.tsx'
import { Act } from './act.tsx'
import style from './confirm.module.css'

interface Props<Result> {
  readonly label: string
  readonly title: string
  /** What will happen, with its count. */
  readonly children: ReactNode
  /** Has to be typed, where something is gone afterwards. */
  readonly name?: string
  readonly isDangerous?: boolean
  /** Of the button that asks for it, where it is the page's next step. */
  readonly variant?: ButtonProps['variant']
  readonly run: () => Promise<Result>
  readonly onDone?: (result: Result) => unknown
}

/** Says what an act will do before it does it. */
export function Confirm<Result>({ label, title, children, name, isDangerous, variant, run, onDone }: Props<Result>) {
  const { t } = useSpeech()
  const [isOpen, { open, close }] = useDisclosure()
  const [typed, setTyped] = useState('')
  const danger = isDangerous ? { color: 'red' } : {}
  return (
    <>
      <Button {...(isDangerous ? { variant: 'light', color: 'red' } : variant ? { variant } : {})} onClick={open}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
        <div className={style.body}>
          {children}
          {name !== undefined && (
            <TextInput
              label={t('confirm.type', { name })}
              value={typed}
              onChange={(change) => setTyped(change.currentTarget.value)}
              data-autofocus
            />
          )}
          <div className={style.buttons}>
            <Button onClick={close}>{t('cancel')}</Button>
            <Act
              variant="filled"
              {...danger}
              disabled={name !== undefined && typed !== name}
              run={run}
              onDone={(result) => {
                close()
                return onDone?.(result)
              }}
            >
              {label}
            </Act>
          </div>
        </div>
      </Modal>
    </>
  )
}
