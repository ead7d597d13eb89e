import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { Missing } from './missing.tsx'
import { parseSearch, stringifySearch, textsOf } from './search.ts'
import { Shell } from './shell.tsx'

/** Why the sign-in link of the address failed. */
export interface RouterContext {
  readonly linkFailure: Error | null
}

const root = createRootRouteWithContext<RouterContext>()({ component: Shell, notFoundComponent: Missing })
const getParentRoute = () => root

const overview = createRoute({
  getParentRoute,
  path: '/',
  validateSearch: textsOf(['range']),
  // An integrator begins with its subscriptions.
  beforeLoad: () => {
    if (basepath === '/ui/portal') throw redirect({ to: '/subscriptions' })
  },
  component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
})
const events = createRoute({
  getParentRoute,
  path: '/events',
  validateSearch: textsOf(['topic', 'types', 'tenant', 'entity', 'since', 'until']),
  component: lazyRouteComponent(() => import('../pages/events/events-page.tsx'), 'EventsPage'),
})
const event = createRoute({
  getParentRoute,
  path: '/events/$id',
  validateSearch: textsOf(['tenant', 'body']),
  component: lazyRouteComponent(() => import('../pages/event/event-page.tsx'), 'EventPage'),
})
const subscriptions = createRoute({
  getParentRoute,
  path: '/subscriptions',
  validateSearch: textsOf(['search', 'status', 'dialect', 'integration']),
  component: lazyRouteComponent(() => import('../pages/subscriptions/subscriptions-page.tsx'), 'SubscriptionsPage'),
})
const wizard = createRoute({
  getParentRoute,
  path: '/subscriptions/new',
  validateSearch: textsOf(['type', 'dialect', 'integration']),
  component: lazyRouteComponent(() => import('../pages/wizard/wizard-page.tsx'), 'WizardPage'),
})
const subscription = createRoute({
  getParentRoute,
  path: '/subscriptions/$id',
  validateSearch: textsOf(['status', 'error', 'range']),
  component: lazyRouteComponent(() => import('../pages/subscription/subscription-page.tsx'), 'SubscriptionPage'),
})
const deliveries = createRoute({
  getParentRoute,
  path: '/deliveries',
  validateSearch: textsOf(['subscription', 'status', 'types', 'tenants', 'entity', 'error', 'since', 'until']),
  component: lazyRouteComponent(() => import('../pages/deliveries/deliveries-page.tsx'), 'DeliveriesPage'),
})
const delivery = createRoute({
  getParentRoute,
  path: '/deliveries/$id',
  validateSearch: textsOf(['attempt']),
  component: lazyRouteComponent(() => import('../pages/delivery/delivery-page.tsx'), 'DeliveryPage'),
})
const catalogue = createRoute({
  getParentRoute,
  path: '/catalogue',
  validateSearch: textsOf(['search', 'dialect', 'type']),
  component: lazyRouteComponent(() => import('../pages/catalogue/catalogue-page.tsx'), 'CataloguePage'),
})
const streams = createRoute({
  getParentRoute,
  path: '/streams',
  component: lazyRouteComponent(() => import('../pages/streams/streams-page.tsx'), 'StreamsPage'),
})
const tenants = createRoute({
  getParentRoute,
  path: '/tenants',
  component: lazyRouteComponent(() => import('../pages/registry/tenants-page.tsx'), 'TenantsPage'),
})
const integrations = createRoute({
  getParentRoute,
  path: '/integrations',
  validateSearch: textsOf(['id', 'tenant']),
  component: lazyRouteComponent(() => import('../pages/registry/integrations-page.tsx'), 'IntegrationsPage'),
})
const keys = createRoute({
  getParentRoute,
  path: '/keys',
  component: lazyRouteComponent(() => import('../pages/registry/keys-page.tsx'), 'KeysPage'),
})
const audit = createRoute({
  getParentRoute,
  path: '/audit',
  validateSearch: textsOf(['kind', 'action', 'actor', 'integration', 'tenant', 'subject', 'since', 'until']),
  component: lazyRouteComponent(() => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
})
const nodes = createRoute({
  getParentRoute,
  path: '/nodes',
  component: lazyRouteComponent(() => import('../pages/nodes/nodes-page.tsx'), 'NodesPage'),
})
const settings = createRoute({
  getParentRoute,
  path: '/settings',
  validateSearch: textsOf(['dialect']),
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
})
/** The portal has paths of its own, which alone may stand in a frame: the server tells them apart. */
const basepath = location.pathname.startsWith('/ui/portal') ? '/ui/portal' : '/ui'

export const router = createRouter({
  routeTree: root.addChildren([
    ...[overview, events, event, subscriptions, wizard, subscription, deliveries, delivery, catalogue, streams],
    ...[tenants, integrations, keys, audit, nodes, settings],
  ]),
  basepath,
  context: { linkFailure: null },
  defaultPreload: 'intent',
  parseSearch,
  stringifySearch,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
