import type { Mend } from '@tidings/client'
import { expect, test } from 'vitest'
import { mendCommands } from './mend-commands.ts'

const expected: Readonly<Record<string, { readonly step: Mend; readonly command: string }>> = {
  resend: { step: { action: 'resend', delivery: 'dlv_1' }, command: 'tidings deliveries resend dlv_1' },
  enable: { step: { action: 'enable', subscription: 'sub_1' }, command: 'tidings subscriptions enable sub_1' },
  resume: {
    step: { action: 'resume', subscription: 'sub_1' },
    command: 'tidings subscriptions catch-up sub_1 --resume',
  },
  rewind: {
    step: { action: 'rewind', subscription: 'sub_1', to: { time: '2026-01-31T12:00:00.000Z' } },
    command: 'tidings replay sub_1 --to 2026-01-31T12:00:00.000Z',
  },
  grant: {
    step: { action: 'grant', integrationId: 'int_1', tenantId: 116015326147118082n },
    command: 'tidings tokens create int_1 116015326147118082',
  },
  types: {
    step: { action: 'change', subscription: 'sub_1', change: { types: ["o'clock.*", 'invoice.updated'] } },
    command: `tidings subscriptions update sub_1 --types 'o'\\''clock.*,invoice.updated'`,
  },
  tenants: {
    step: { action: 'change', subscription: 'sub_1', change: { tenants: [1, 2n] } },
    command: 'tidings subscriptions update sub_1 --tenants 1,2',
  },
  filter: {
    step: { action: 'change', subscription: 'sub_1', change: { filter: null } },
    command: 'tidings subscriptions update sub_1 --no-filter',
  },
}

test.each(Object.values(expected))('$command', ({ step, command }) => expect(mendCommands([step])).toEqual([command]))
