import type { Header } from '../../api/body.ts'
import { Foreign } from '../../parts/foreign.tsx'
import style from './header-list.module.css'

export function HeaderList({ headers }: { headers: readonly Header[] }) {
  return (
    <dl className={style.headers}>
      {headers.map(({ name, value }) => (
        <div key={name}>
          <dt>
            <Foreign>{name}</Foreign>
          </dt>
          <dd>
            <Foreign>{value}</Foreign>
          </dd>
        </div>
      ))}
    </dl>
  )
}
