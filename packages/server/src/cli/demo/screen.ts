import { actionColour, entityColour, type Paint } from '../console/colour.ts'
import type { Output } from '../console/output.ts'
import { cutTo, padTo, printable } from '../console/text-width.ts'
import { type Arrival, latencyMs, type Way, ways } from './arrivals.ts'
import { companies } from './changes.ts'

export interface DemoAccess {
  readonly url: string
  readonly adminKey: string
  /** Signs a browser in as the operator, once. */
  readonly signInUrl: string
  readonly publisherKey: string
  readonly integration: { readonly clientId: string; readonly clientSecret: string }
  readonly accessTokens: readonly string[]
  readonly receiverUrl: string
}

const wayTitles: Record<Way, string> = { stream: 'STREAM', webhook: 'WEBHOOK', feed: 'FEED', sse: 'SSE' }
const wayWidth = 8
const companyWidth = 8
const eventWidth = 30

/** The command that publishes one more event, on one line. */
function curlLine({ url, publisherKey }: Pick<DemoAccess, 'url' | 'publisherKey'>): string {
  const body = `{"tenantId":${companies[0].tenantId},"type":"invoice.updated","entityId":"3817","data":{"total":1250.50}}`
  return `curl -sS ${url}/v1/events -H 'Authorization: Bearer ${publisherKey}' -H 'Content-Type: application/json' -d '${body}'`
}

/** What the demonstration shows: its addresses and keys, then a line for each event. */
export class Screen {
  readonly #out: Output

  constructor(out: Output) {
    this.#out = out
  }

  async opening(access: DemoAccess, notes: readonly string[]): Promise<void> {
    const curl = curlLine(access)
    for (const note of notes) this.#out.note(this.#out.notePaint('yellow', note))
    await this.#out.result({ ...access, curl }, async () => {
      const { paint } = this.#out
      const line = (text: string) => this.#out.line(text)
      const field = (name: string, value: string) => line(`  ${paint('dim', name.padEnd(14))}${value}`)
      await line(paint('bold', 'Tidings: publish once; stream and deliver'))
      await line('')
      await field('Server', `${access.url}   reference: ${access.url}/docs`)
      await field('Dashboard', `${access.url}/ui/`)
      await field('', `sign in, once: ${access.signInUrl}`)
      await field('Operator key', access.adminKey)
      await field('Publisher key', access.publisherKey)
      await field('Integrator', `client id ${access.integration.clientId}`)
      await field('', access.integration.clientSecret)
      for (const [index, company] of companies.entries()) {
        await field(index === 0 ? 'Access tokens' : '', `${access.accessTokens[index]}`)
        await field('', `for tenant ${company.tenantId}, ${company.name}`)
      }
      await field('Receiver', `${access.receiverUrl} (its own; others on this machine are allowed, too)`)
      await line('')
      await line('Publish one more event from a second terminal:')
      await line('')
      await line(curl)
      await line('')
      await line('Two companies change, one integrator receives. Ctrl-C ends.')
      await line('')
      const titles = ways.map((way) => wayTitles[way].padStart(wayWidth)).join('')
      await line(
        paint('dim', `${'TIME'.padEnd(8)} ${'COMPANY'.padEnd(companyWidth)} ${padTo('EVENT', eventWidth)}${titles}`),
      )
    })
  }

  async arrival(arrival: Arrival): Promise<void> {
    const { sighting } = arrival
    const latencies = Object.fromEntries(
      ways.map((way) => {
        const ms = latencyMs(arrival, way)
        return [way, ms === null ? null : Number(ms.toFixed(1))]
      }),
    )
    await this.#out.result({ event: sighting, latencyMs: latencies }, () =>
      this.#out.line(arrivalLine(arrival, this.#out.paint)),
    )
  }

  async closing(counts: { published: number; complete: number; median: number | undefined }): Promise<void> {
    const { published, complete, median } = counts
    await this.#out.result({ summary: { published, complete, medianLatencyMs: median ?? null } }, async () => {
      await this.#out.line('')
      const middle = median === undefined ? '' : `; half of the arrivals within ${durationText(median)}`
      await this.#out.line(`${complete} events arrived by all four ways (${published} published here)${middle}.`)
    })
  }
}

function arrivalLine(arrival: Arrival, paint: Paint): string {
  const { sighting } = arrival
  const company = companies.find(({ tenantId }) => tenantId === sighting.tenantId)?.name ?? String(sighting.tenantId)
  const [entity, action] = [
    sighting.type.slice(0, sighting.type.indexOf('.')),
    sighting.type.slice(sighting.type.indexOf('.') + 1),
  ]
  const name = cutTo(printable(`${entity}.${action} ${sighting.entityId}`), eventWidth)
  const coloured =
    name.startsWith(`${entity}.${action}`) && !name.endsWith('…')
      ? paint(entityColour(sighting.type), entity) +
        `.${paint(actionColour(sighting.type), action)}` +
        name.slice(entity.length + action.length + 1)
      : name
  const padding = ' '.repeat(Math.max(0, eventWidth - name.length))
  const latencies = ways.map((way) => {
    const ms = latencyMs(arrival, way)
    const text = (ms === null ? '–' : durationText(ms)).padStart(wayWidth)
    return ms === null ? paint('red', text) : paint('green', text)
  })
  const time = new Date(arrival.firstAtMs).toTimeString().slice(0, 8)
  return `${paint('dim', time)} ${padTo(cutTo(company, companyWidth), companyWidth)} ${coloured}${padding}${latencies.join('')}`
}

function durationText(ms: number): string {
  if (ms >= 10_000) return `${Math.round(ms / 1_000)} s`
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`
}
