import { expect, test } from 'vitest'
import { disabled, facts, type Given, reading } from './fixtures/facts.ts'
import { type Mend, mendsOf } from './mend.ts'
import type { Reason } from './reason.ts'

const at = '2026-01-31T12:00:00.000Z'
const enable: Mend = { action: 'enable', subscription: 'sub_1' }
const resend: Mend = { action: 'resend', delivery: 'dlv_1' }
const rewind: Mend = { action: 'rewind', subscription: 'sub_1', to: { time: at } }
const grant: Mend = { action: 'grant', integrationId: 'int_1', tenantId: 1 }
const change = (change: object): Mend => ({ action: 'change', subscription: 'sub_1', change })
const delivery = { status: 'waiting' } as const
const list = { kind: 'list', tenantIds: [2, 3] } as const
const other = 'other_tenant' as const

test.each<[string, Reason, Given, readonly Mend[]]>([
  ['a delivery is sent again', 'delivered', {}, [resend]],
  ['of a disabled subscription, after enabling it', 'failed', { subscription: disabled }, [enable, resend]],
  ['one that waits is sent now', 'waiting', { delivery }, [resend]],
  ['but not while its endpoint asked for a pause', 'waiting', { delivery, standing: { isPauseAskedFor: true } }, []],
  [
    'a paused reading is resumed',
    'waiting',
    { standing: reading(7, [], 1) },
    [{ action: 'resume', subscription: 'sub_1' }],
  ],
  ['a reading that goes on needs nothing', 'waiting', { standing: reading(7) }, []],
  ['a disabled subscription is enabled', 'disabled', { subscription: disabled }, [enable]],
  ['a grant is made, then all is read again', 'not_granted', { grantRefusal: 'no_grant' }, [grant, rewind]],
  ['or the delivery sent again', 'not_granted', { grantRefusal: 'no_grant', delivery }, [grant, resend]],
  ['a grant that stands now needs no other', 'not_granted', {}, [rewind]],
  ['what the token never showed is not mended here', 'not_granted', { grantRefusal: 'beyond_its_token' }, []],
  [
    'a tenant is added to a list',
    ...(['not_granted', { grantRefusal: other, subscription: { tenants: list } }] as const),
    [change({ tenants: [2, 3, 1] }), rewind],
  ],
  [
    'but not where a token made the subscription',
    ...(['not_granted', { grantRefusal: other, subscription: { tenants: list, boundTenantId: 2 } }, []] as const),
  ],
  ['and not where there is no list', 'not_granted', { grantRefusal: other }, []],
  [
    'a type is added, and nothing taken away',
    ...(['type_not_subscribed', { subscription: { types: ['order.*'] } }] as const),
    [change({ types: ['order.*', 'invoice.updated'] }), rewind],
  ],
  ['a filter is taken away', 'filtered', { subscription: disabled }, [change({ filter: null }), enable, rewind]],
  ['what was left out is read again', 'skipped', { subscription: disabled }, [enable, rewind]],
  ['what came before the start, too', 'before_start', {}, [rewind]],
  ['nothing brings back what is gone', 'expired', {}, []],
  ['or what was meant to be quiet', 'quiet', {}, []],
  ['or what has no name', 'not_in_dialect', {}, []],
])('%s', (_, reason, given, mends) => {
  expect(mendsOf(reason, facts(given), 'dlv_1')).toEqual(mends)
})
