import { createHash } from 'node:crypto'
import { compareTenantIds } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { DialectHost } from '../contract/host.ts'
import { RateExceeded, refuseGuesses, unauthorized } from './caller.ts'
import { builtinModel } from './entity-model.ts'
import { listAnswer } from './list-query.ts'
import { refusalOf, TripletexError, type ValidationMessage } from './refusal.ts'
import { noContent, parameter, type TripletexRequest, type TripletexRoute, value } from './request.ts'
import { endOfSession } from './session.ts'
import type { Sessions } from './sessions.ts'

const names = ['consumerToken', 'employeeToken', 'expirationDate'] as const
type Wanted = Readonly<Record<(typeof names)[number], string>>

type SessionHost = Pick<DialectHost, 'clock' | 'credentials' | 'limits' | 'tenants'>

/** Sessions, and who they are for: `/v2/token/session/…` and `/v2/company/>withLoginAccess`. */
export function sessionRoutes(host: SessionHost, sessions: Sessions): TripletexRoute[] {
  return [
    {
      // `:create`, `>whoAmI` or a token; the router has percent-decoded it.
      url: '/token/session/:token',
      methods: {
        PUT: {
          isOpen: true,
          handle: async (request) => {
            requireAction(request, ':create')
            return value(200, await newSession(request, fromQuery(request), 'parameter'))
          },
        },
        POST: {
          isOpen: true,
          handle: async (request) => {
            requireAction(request, ':create')
            return value(201, await newSession(request, fromBody(request), 'validation'))
          },
        },
        GET: {
          handle: (request, { companyId, grant }) => {
            requireAction(request, '>whoAmI')
            const employeeId = numberOf(grant.tokenId)
            const employee = { id: employeeId, url: `${request.host}/v2/employee/${employeeId}` }
            const company = { id: companyId, url: `${request.host}/v2/company/${companyId}` }
            const shown = { employeeId, employee, actualEmployeeId: employeeId, companyId, company, language: 'en' }
            return value(200, jsonText(shown))
          },
        },
        DELETE: {
          handle: async ({ params }, { grant }) => {
            const live = sessions.read(params.token ?? '')
            const isOwn = live?.grant.integrationId === grant.integrationId && live.grant.tenantId === grant.tenantId
            if (!live || !isOwn) throw new TripletexError('notFound')
            await sessions.end(live)
            return noContent
          },
        },
      },
    },
    {
      url: '/company/:action',
      methods: {
        GET: {
          handle: (request, { grant }) => {
            if (request.params.action !== '>withLoginAccess') throw new TripletexError('notFound')
            const below = [...host.tenants.subtree(grant.tenantId)]
              .filter((id) => id !== grant.tenantId)
              .sort(compareTenantIds)
            const rows = below.map((id) => ({
              id,
              version: 0,
              url: `${request.host}/v2/company/${id}`,
              name: host.tenants.tenant(id)?.name ?? String(id),
            }))
            return listAnswer(request, rows, builtinModel('Company'))
          },
        },
      },
    },
  ]

  async function newSession(
    request: TripletexRequest,
    wanted: Wanted,
    kind: 'parameter' | 'validation',
  ): Promise<string> {
    const { consumerToken, employeeToken, expirationDate } = wanted
    const endsMs = endOfSession(expirationDate, host.clock.now())
    if (endsMs === undefined) {
      const message = 'Must be a date after today, as yyyy-MM-dd.'
      throw refusalOf(kind, [{ field: 'expirationDate', message, path: null }])
    }
    const grant = await host.credentials.grantOf(employeeToken, request.address)
    if (!grant || !host.credentials.isClientSecret(grant.integrationId, consumerToken)) {
      refuseGuesses(request.address, host.limits)
      throw unauthorized()
    }
    const use = host.limits.useRequest(grant.integrationId)
    if (use.waitSeconds > 0) throw new RateExceeded(use)
    const token = sessions.create(grant, endsMs)
    const reference = (kindOf: string, text: string) => {
      const id = numberOf(text)
      return { id, url: `${request.host}/v2/token/${kindOf}/${id}` }
    }
    const id = numberOf(token)
    return JSON.stringify({
      id,
      version: 0,
      url: `${request.host}/v2/token/session/${id}`,
      consumerToken: reference('consumer', grant.integrationId),
      employeeToken: reference('employee', grant.tokenId),
      expirationDate,
      token,
      encryptionKey: null,
    })
  }
}

function requireAction({ params }: TripletexRequest, action: string): void {
  if (params.token !== action) throw new TripletexError('wrongMethod', 'HTTP 405 Method Not Allowed')
}

/** @throws TripletexError 422, code 15000 */
function fromQuery(request: TripletexRequest): Wanted {
  const given = names.map((name) => [name, parameter(request, name)] as const)
  const missing = given.filter(([, text]) => text === undefined)
  if (missing.length > 0)
    throw refusalOf(
      'parameter',
      missing.map(([field]) => required(field)),
    )
  return Object.fromEntries(given) as Wanted
}

/** @throws TripletexError 422, code 16000 or 18000 */
function fromBody({ body }: TripletexRequest): Wanted {
  const given = body() ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw refusalOf('mapping', [{ field: '', message: 'Must be an object.', path: null }])
  }
  const entries = Object.entries(given)
  const wrong = entries.flatMap(([field, text]): ValidationMessage[] => {
    if (!(names as readonly string[]).includes(field)) {
      return [{ field, message: 'There is no field of this name.', path: null }]
    }
    return text === null || typeof text === 'string' ? [] : [{ field, message: 'Must be a string.', path: null }]
  })
  if (wrong.length > 0) throw refusalOf('mapping', wrong)
  const texts = new Map(entries)
  const missing = names.filter((name) => !texts.get(name))
  if (missing.length > 0) throw refusalOf('validation', missing.map(required))
  return given as Wanted
}

function required(field: string): ValidationMessage {
  return { field, message: 'Is required.', path: null }
}

/** Ids here are numbers that clients read as int32; ours are texts, so they get a stable number of their own. */
function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() % (2 ** 31 - 1)
}
