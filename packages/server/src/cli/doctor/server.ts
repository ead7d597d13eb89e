import { type Check, fail, ok, warn } from './check.ts'

const name = 'server'
const patienceMs = 3_000

export interface ServerAnswer {
  readonly check: Check
  readonly isReady: boolean
  /** The server's time from its `Date` header; null: it sent none. */
  readonly dateMs: number | null
}

/** @param isInUse whether some process has the store */
export async function checkServer(url: string, isInUse: boolean): Promise<ServerAnswer> {
  const unreached = (check: Check) => ({ check, isReady: false, dateMs: null })
  let response: Response
  let text: string
  try {
    response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(patienceMs) })
    text = await response.text()
  } catch (error) {
    const isSilent = (error as Error).name === 'TimeoutError'
    const detail = isSilent ? `${url} does not answer within ${patienceMs / 1_000} s` : `nothing answers at ${url}`
    if (isSilent || isInUse) {
      return unreached(
        fail(name, isInUse && !isSilent ? `${detail}, though a server uses the store` : detail, {
          why: 'As far as doctor can see, nobody can publish or read.',
          advice:
            'If the server listens elsewhere, give its address with --url. Otherwise look into its log and restart it: systemctl restart tidings.',
        }),
      )
    }
    return unreached(
      warn(name, detail, {
        why: 'Nothing is published or delivered while the server does not run. Nothing is lost by that.',
        advice:
          'Start the server: tidings start, or systemctl start tidings. If it listens elsewhere, give its address with --url.',
      }),
    )
  }
  const dateMs = Date.parse(response.headers.get('date') ?? '')
  const answer = { isReady: response.ok, dateMs: Number.isNaN(dateMs) ? null : dateMs }
  const state = readinessIn(text)
  if (state === null) {
    return unreached(
      fail(name, `what answers at ${url} is not Tidings (${response.status})`, {
        why: 'Publishers that use this address reach another program.',
        advice: `Give the server's address: --url. See who listens: ss -ltnp.`,
      }),
    )
  }
  if (response.ok) return { ...answer, check: ok(name, `${url} is ready`) }
  return {
    ...answer,
    check: fail(name, `${url} answers ${response.status}, ${state}`, {
      why: 'The server accepts no requests: it is stopping, or its store refuses.',
      advice: 'Look into its log. If it is not stopping, restart it: systemctl restart tidings.',
    }),
  }
}

/** The state that `/readyz` reports; null: the answer is not from Tidings. */
function readinessIn(text: string): string | null {
  try {
    const { status, checks = {} } = JSON.parse(text) as { status?: unknown; checks?: Record<string, boolean> }
    if (status !== 'ready' && status !== 'not ready') return null
    const bad = Object.entries(checks).flatMap(([check, isGood]) => (isGood ? [] : [check]))
    return bad.length === 0 ? status : `${status}: ${bad.join(', ')}`
  } catch {
    return null
  }
}

/** Whether receivers can reach the server where they are told that it is. */
export async function checkPublicUrl(url: string): Promise<readonly Check[]> {
  if (url === '') return []
  const of = 'public URL'
  const why = 'Receivers of CloudEvents are told this URL, with a secret behind it, to consent.'
  if (!url.startsWith('https:')) {
    return [warn(of, `${url} is not https`, { why, advice: 'Put TLS before it, and set TIDINGS_PUBLIC_URL=https://…' })]
  }
  try {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(patienceMs) })
    await response.body?.cancel()
    if (response.ok) return [ok(of, `${url} answers`)]
    const advice = 'Let the proxy there pass the path on to this server.'
    return [warn(of, `${url}/livez answers ${response.status}`, { why, advice })]
  } catch {
    return [warn(of, `nothing answers at ${url}`, { why, advice: 'Mend TIDINGS_PUBLIC_URL, its DNS, or its proxy.' })]
  }
}
