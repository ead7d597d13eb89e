import type { DeliveryRequest } from '../../api/delivery-request.ts'
import { Foreign } from '../../parts/foreign.tsx'
import style from './header-list.module.css'

export function HeaderList({ headers }: Pick<DeliveryRequest, 'headers'>) {
  return (
    <dl className={style.headers}>
      {headers.map(({ name, value }) => (
        <div key={name}>
          <dt>
            <Foreign>{name}</Foreign>
          </dt>
          <dd>{value === null ? '•••' : <Foreign>{value}</Foreign>}</dd>
        </div>
      ))}
    </dl>
  )
}
