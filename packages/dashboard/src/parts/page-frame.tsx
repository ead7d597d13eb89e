import { type ReactNode, useLayoutEffect } from 'react'
import style from './page-frame.module.css'

interface Props {
  /** In the title of the window, and the heading unless that is given. */
  readonly title: string
  readonly heading?: ReactNode
  readonly aside?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** One page: its question as the only h1, its actions beside it. */
export function PageFrame({ title, heading, aside, actions, children }: Props) {
  useLayoutEffect(() => {
    document.title = `${title} · Tidings`
  }, [title])
  return (
    <>
      <header className={style.head}>
        <div className={style.heading}>
          <h1>{heading ?? title}</h1>
          {aside && <div className={style.aside}>{aside}</div>}
        </div>
        {actions && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </>
  )
}

export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={style.section} aria-label={title}>
      <div className={style.sectionHead}>
        <h2>{title}</h2>
        {actions && <div className={style.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  )
}

/** Facts of one thing: name and value. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={style.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
