import type { LinkProps } from '@tanstack/react-router'
import type { Session } from '../api/session.ts'
import type { TextKey } from '../text/text.ts'
import type { Right } from './session.tsx'

/** A page that the navigation leads to. */
export interface Place {
  readonly to: NonNullable<LinkProps['to']>
  readonly label: TextKey
  /** Whoever has one of them sees it. */
  readonly for: readonly (Right | 'portal')[]
  /** What it is called for an integrator in the portal. */
  readonly portalLabel?: TextKey
}

export const placeGroups: readonly { readonly title?: TextKey; readonly places: readonly Place[] }[] = [
  {
    places: [
      { to: '/', label: 'nav.overview', for: ['operate'] },
      { to: '/events', label: 'nav.events', for: ['read'] },
      {
        to: '/subscriptions',
        label: 'nav.subscriptions',
        for: ['operate', 'subscribe', 'portal'],
        portalLabel: 'nav.portal.subscriptions',
      },
      {
        to: '/deliveries',
        label: 'nav.deliveries',
        for: ['operate', 'subscribe', 'portal'],
        portalLabel: 'nav.portal.deliveries',
      },
      { to: '/catalogue', label: 'nav.catalogue', for: ['read'] },
      {
        to: '/streams',
        label: 'nav.streams',
        for: ['operate', 'subscribe'],
        portalLabel: 'nav.portal.streams',
      },
      { to: '/settings', label: 'nav.settings', for: ['operate', 'subscribe'] },
    ],
  },
  {
    title: 'nav.operation',
    places: [
      { to: '/tenants', label: 'nav.tenants', for: ['operate'] },
      { to: '/integrations', label: 'nav.integrations', for: ['operate'] },
      { to: '/keys', label: 'nav.keys', for: ['operate'] },
      { to: '/audit', label: 'nav.audit', for: ['operate'] },
      { to: '/nodes', label: 'nav.nodes', for: ['operate'] },
    ],
  },
]

export function maySee(place: Place, { kind, may }: Session): boolean {
  return place.for.some((right) => (right === 'portal' ? kind === 'portal' : may.includes(right)))
}

/** The place that a path lies in, as `/subscriptions/sub_1` in `/subscriptions`; undefined: no page is there. */
export function placeOf(path: string): Place | undefined {
  const [, first = ''] = path.split('/')
  return placeGroups.flatMap(({ places }) => places).find(({ to }) => to === `/${first}`)
}
