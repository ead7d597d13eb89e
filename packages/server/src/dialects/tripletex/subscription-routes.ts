import type { Integrator } from '../../core/credential/caller.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import { builtinModel } from './entity-model.ts'
import { listAnswer, listOf, readFields, readId, readIds, type ShownRow, shownRow } from './list-query.ts'
import { refusalOf, TripletexError, type ValidationMessage } from './refusal.ts'
import {
  noContent,
  parameter,
  type TripletexCaller,
  type TripletexRequest,
  type TripletexRoute,
  value,
} from './request.ts'
import { placeOf, readInput, readInputs, type SubscriptionInput } from './subscription-input.ts'
import { appliedPlan, checkPlanFields, type Plan, type PlanContext, planOf } from './subscription-plan.ts'
import { eventNameOf, isOfCompany, subscriptionRow } from './subscription-view.ts'

type SubscriptionHost = Pick<DialectHost, 'catalogue' | 'subscriptions' | 'making' | 'changing' | 'secrets' | 'urls'>

/** `/v2/event/subscription` and below it. */
export function subscriptionRoutes(host: SubscriptionHost): TripletexRoute[] {
  const model = builtinModel('Subscription')
  const { subscriptions, making, changing } = host
  return [
    {
      url: '/event/subscription',
      methods: {
        GET: { handle: (request, caller) => listAnswer(request, rowsOf(allOf(caller), request), model) },
        POST: {
          handle: async (request, caller) => {
            const [made] = await create(caller, [readInput(request.body())], false)
            return value(201, shown(request, made!))
          },
        },
      },
    },
    {
      url: '/event/subscription/list',
      methods: {
        POST: {
          handle: async (request, caller) =>
            listOf(201, texts(request, await create(caller, readInputs(request.body()), true))),
        },
        PUT: {
          handle: async (request, caller) => {
            const inputs = readInputs(request.body())
            const faults: ValidationMessage[] = inputs.flatMap(({ id }, index) => {
              const isTwice = inputs.findIndex((other) => other.id === id) !== index
              if (typeof id === 'number' && !isTwice) return []
              const message = isTwice ? 'Is given twice.' : 'Is required.'
              return [{ field: 'id', message, path: placeOf(index, 'id') }]
            })
            if (faults.length > 0) throw refusalOf('validation', faults)
            const befores = inputs.map(({ id }) => find(caller, id as number))
            return listOf(200, texts(request, await change(caller, inputs, befores, true)))
          },
        },
        DELETE: {
          handle: async (request, caller) => {
            const found = readIds(request).map((id) => find(caller, id))
            await changing.removeAll(
              wholeIntegration(caller),
              found.map(({ id }) => id),
            )
            return noContent
          },
        },
      },
    },
    {
      url: '/event/subscription/:id',
      methods: {
        GET: {
          handle: (request, caller) => {
            const selection = readFields(parameter(request, 'fields'), model)
            const [row] = rowsOf([find(caller, readId(request.params.id))], request)
            return value(200, shownRow(row!, selection, model))
          },
        },
        PUT: {
          handle: async (request, caller) => {
            const before = find(caller, readId(request.params.id))
            const [changed] = await change(caller, [readInput(request.body())], [before], false)
            return value(200, shown(request, changed!))
          },
        },
        DELETE: {
          handle: async (request, caller) => {
            const { id } = find(caller, readId(request.params.id))
            await changing.remove(wholeIntegration(caller), id)
            return noContent
          },
        },
      },
    },
  ]

  /** By id. Those that were made natively are among them, where one event of one company says all of them. */
  function allOf(caller: TripletexCaller): Subscription[] {
    return host.subscriptions
      .listOf(wholeIntegration(caller), 'tripletex')
      .filter((subscription) => isVisible(subscription, caller))
  }

  /** @throws TripletexError 404 alike for what does not exist and for what is another's. */
  function find(caller: TripletexCaller, number: number): Subscription {
    const found = host.subscriptions.withNumber(number)
    if (!found || !isVisible(found, caller)) throw new TripletexError('notFound')
    return subscriptions.get(wholeIntegration(caller), found.id)
  }

  function isVisible(subscription: Subscription, { grant, companyId }: TripletexCaller): boolean {
    const catalogue = host.catalogue()
    const name = eventNameOf(subscription, catalogue)
    const type = name === undefined ? undefined : catalogue.byName('tripletex', name)
    return (
      subscription.dialect === 'tripletex' &&
      subscription.integrationId === grant.integrationId &&
      isOfCompany(subscription, companyId) &&
      type !== undefined &&
      // The integration's own, which are of no token, are found here too: of those, what the token shows.
      grant.allows(type.type)
    )
  }

  /** All of them or none. */
  async function create(
    caller: TripletexCaller,
    inputs: readonly SubscriptionInput[],
    isList: boolean,
  ): Promise<Subscription[]> {
    const { grant, companyId } = caller
    const plans = plansOf(inputs, null, contextOf(caller), isList)
    if (plans.length === 0) return []
    const owner: Integrator = { ...grant.owner, tenantId: companyId }
    // Of a company below its own, the access token's grant is inherited: it has to be named.
    const tenants = companyId === grant.tenantId ? 'granted' : [companyId]
    const made = await making.createAll(
      owner,
      plans.map(({ draft, secret, status }) => {
        const id = making.newId()
        const records = typeof secret === 'string' ? [host.secrets.signing(secret, id)] : []
        const own = { id, secret: { shown: null, records } }
        return {
          draft: { ...draft, dialect: 'tripletex', tenants },
          own: status === 'DISABLED' ? { ...own, disabledReason: 'by_request' } : own,
        }
      }),
    )
    return made.map(({ subscription }) => subscription)
  }

  /** All of them or none. */
  async function change(
    caller: TripletexCaller,
    inputs: readonly SubscriptionInput[],
    befores: readonly Subscription[],
    isList: boolean,
  ): Promise<readonly Subscription[]> {
    const context = contextOf(caller)
    const plans = plansOf(inputs, befores, context, isList)
    if (plans.length === 0) return []
    return changing.changeAll(
      wholeIntegration(caller),
      plans.map((plan, index) => ({
        id: befores[index]!.id,
        draft: plan.draft,
        also: (changed, before) => appliedPlan(plan, changed, before, context),
      })),
    )
  }

  function contextOf({ grant }: TripletexCaller): PlanContext {
    return { host, allows: grant.allows }
  }

  function rowsOf(found: readonly Subscription[], request: TripletexRequest): ShownRow[] {
    const catalogue = host.catalogue()
    return found.map((one) => subscriptionRow(one, eventNameOf(one, catalogue) ?? '', request.host))
  }

  function texts(request: TripletexRequest, found: readonly Subscription[]): string[] {
    return rowsOf(found, request).map((row) => JSON.stringify(row))
  }

  function shown(request: TripletexRequest, subscription: Subscription): string {
    return texts(request, [subscription])[0]!
  }
}

/** Checks all before anything is changed. `befores` null: they are new. @throws TripletexError with every fault */
function plansOf(
  inputs: readonly SubscriptionInput[],
  befores: readonly Subscription[] | null,
  context: PlanContext,
  isList: boolean,
): Plan[] {
  const faults: ValidationMessage[] = []
  const beforeOf = (index: number) => befores?.[index] ?? null
  const plans = inputs.map((input, index) => planOf(input, beforeOf(index), context, faults, isList ? index : null))
  if (faults.length > 0) throw refusalOf('validation', faults)
  for (const [index, plan] of plans.entries()) checkPlanFields(plan, beforeOf(index), context)
  return plans
}

/** Access was decided by company before this point, so here the registry may find everything of the integration. */
function wholeIntegration({ grant }: TripletexCaller): Integrator {
  return { ...grant.owner, tenantId: null }
}
