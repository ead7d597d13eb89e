import type { NotGranted, Subscription, Tidings } from '@tidings/client'
import { notGrantedText } from '../console/not-granted-text.ts'
import { type Check, ok, warn } from './check.ts'

const name = 'grants'
const mostNamed = 5
/** So many subscriptions are asked what was not sent to them. */
const mostAsked = 200

/** Active subscriptions that no tenant grants anything, and what grants that ended kept from the others. */
export async function checkGrants(client: Tidings, all: readonly Subscription[]): Promise<readonly Check[]> {
  const active = all.filter(({ status }) => status === 'active')
  const without = active.filter(({ hasGrant }) => hasGrant === false)
  const asked = [...without, ...active.filter(({ hasGrant }) => hasGrant !== false)].slice(0, mostAsked)
  const unsent = new Map<Subscription, NotGranted>()
  for (const subscription of asked) {
    const { notGranted } = await client.subscriptions.stats(subscription.id)
    if (notGranted) unsent.set(subscription, notGranted)
  }
  const found: Check[] = []
  const [first] = without
  if (first) {
    const ids = without.slice(0, mostNamed).map(({ id }) => id)
    const list = ids.join(', ') + (without.length > ids.length ? ', …' : '')
    const events = without.reduce((sum, each) => sum + (unsent.get(each)?.events ?? 0), 0)
    const detail = `${without.length} of ${all.length} subscriptions have no tenant that grants them anything; ${events} events were not sent to them: ${list}`
    found.push(
      warn(name, detail, {
        why: 'Tidings sends nothing to a subscription without a grant, and counts nothing as missed.',
        advice: `Grant access: tidings tokens create ${first.integrationId} <tenant>. Who ended the grant: tidings audit --integration ${first.integrationId} --kind token --action deleted. Then send what was not sent: tidings replay ${first.id} --to <time>`,
      }),
    )
  }
  for (const [{ id, hasGrant, integrationId }, notGranted] of [...unsent].slice(0, mostNamed)) {
    if (hasGrant === false) continue
    found.push(ok(name, `${id}: ${notGrantedText(notGranted, { verb: 'were not sent,', integrationId })}`))
  }
  return found
}
