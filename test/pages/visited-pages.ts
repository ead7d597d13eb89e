/** Every page, by name: `World.traffic` knows where each stands once there is something on it. */
export const visitedPages = [
  'overview',
  'events',
  'event',
  'subscriptions',
  'wizard',
  'subscription',
  'deliveries',
  'delivery',
  'catalogue',
  'streams',
  'tenants',
  'integrations',
  'keys',
  'audit',
  'nodes',
  'settings',
  'missing',
] as const
export type VisitedPage = (typeof visitedPages)[number]
