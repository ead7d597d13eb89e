import { Modal } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useSpeech } from '../text/language.tsx'
import type { TextKey } from '../text/text.ts'
import style from './keyboard.module.css'

const places = { o: '/', e: '/events', s: '/subscriptions', d: '/deliveries', c: '/catalogue' } as const
const described: readonly (readonly [keys: string, what: TextKey])[] = [
  ['/', 'keys.search'],
  ['g o', 'nav.overview'],
  ['g e', 'nav.events'],
  ['g s', 'nav.subscriptions'],
  ['g d', 'nav.deliveries'],
  ['g c', 'nav.catalogue'],
  ['j  k', 'keys.rows'],
  ['enter', 'keys.open'],
  ['p', 'keys.pause'],
  ['esc', 'close'],
  ['?', 'keys.list'],
]
/** A second key belongs to `g` for so long. */
const chordMs = 1_500

/** The keyboard map. It listens once for all pages; keys that are typed into a field are the field's. */
export function Keyboard() {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const [isListed, setListed] = useState(false)
  useEffect(() => {
    let goneAtMs = 0
    const onKey = (press: KeyboardEvent) => {
      if (press.ctrlKey || press.metaKey || press.altKey) return
      const target = press.target as HTMLElement
      if (press.key === 'Escape') target.blur()
      if (target.closest('input, textarea, select, [contenteditable]')) return
      const place = places[press.key as keyof typeof places]
      if (place && Date.now() - goneAtMs < chordMs) void navigate({ to: place })
      goneAtMs = press.key === 'g' ? Date.now() : 0
      if (press.key === '?') setListed(true)
      // A dialog closes by itself, and what lies under it stays open.
      if (press.key === 'Escape' && !document.querySelector('[role=dialog]')) click('[data-close]')
      if (press.key === 'j' || press.key === 'k') focusRow(press.key === 'j' ? 1 : -1)
      if (press.key === 'p') click('[data-pause]')
      if (press.key === '/') {
        press.preventDefault()
        document.querySelector<HTMLElement>('search input')?.focus()
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate])
  return (
    <Modal
      opened={isListed}
      onClose={() => setListed(false)}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <dl className={style.keys}>
        {described.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys
                .split(' ')
                .filter(Boolean)
                .map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}

function click(what: string): void {
  document.querySelector<HTMLElement>(what)?.click()
}

/** Rows are reached by their first link: enter opens it, as everywhere. */
function focusRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row]')].flatMap(
    (row) => row.querySelector<HTMLElement>('a[href]') ?? [],
  )
  const at = links.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement))
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus()
}
