import type { Mend } from '@tidings/client'

/** The commands that take the steps of an explanation, to be pasted into a shell. */
export function mendCommands(steps: readonly Mend[]): readonly string[] {
  return steps.map((step) => ['tidings', ...wordsOf(step)].map(quoted).join(' '))
}

function wordsOf(step: Mend): readonly string[] {
  switch (step.action) {
    case 'resend':
      return ['deliveries', 'resend', step.delivery]
    case 'enable':
      return ['subscriptions', 'enable', step.subscription]
    case 'resume':
      return ['subscriptions', 'catch-up', step.subscription, '--resume']
    case 'rewind':
      return ['replay', step.subscription, '--to', step.to.time]
    case 'grant':
      return ['tokens', 'create', step.integrationId, String(step.tenantId)]
    case 'change': {
      const { types, tenants, filter } = step.change
      return [
        ...['subscriptions', 'update', step.subscription],
        ...(types ? ['--types', types.join(',')] : []),
        ...(tenants ? ['--tenants', tenants.join(',')] : []),
        ...(filter === null ? ['--no-filter'] : []),
      ]
    }
    default:
      return step satisfies never
  }
}

/** For a POSIX shell, so that `invoice.*` reaches the command as it is. */
function quoted(word: string): string {
  return /^[\w.,:@%+=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
