import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Appearance } from '../api/appearance.ts'
import { Icon } from '../parts/icon.tsx'
import { useSpeech } from '../text/language.tsx'
import style from './shell.module.css'

interface Props {
  readonly appearance: Appearance | undefined
  readonly isOpen: boolean
  readonly onToggle: () => void
}

export function TopBar({ appearance, isOpen, onToggle }: Props) {
  const { t } = useSpeech()
  return (
    <header className={style.bar}>
      <Link to="/" className={style.brand}>
        <img src={appearance?.logo ?? '/ui/mark.svg'} alt="" height={22} />
        <bdi>{appearance?.name ?? 'Tidings'}</bdi>
      </Link>
      <ActionIcon
        className={style.menu}
        variant="default"
        size={32}
        aria-label={t('nav.menu')}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        <Icon name={isOpen ? 'cross' : 'menu'} />
      </ActionIcon>
    </header>
  )
}
