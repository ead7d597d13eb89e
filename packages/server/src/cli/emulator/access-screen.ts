import type { Output } from '../console/output.ts'

/** The credentials and addresses that a tester needs. */
export interface StandInAccess {
  readonly dialect: string
  readonly url: string
  readonly adminKey: string
  readonly publisherKey: string
  readonly integration: { readonly id: string; readonly clientId: string; readonly clientSecret: string }
  readonly parent: { readonly tenantId: number; readonly name: string }
  readonly tenants: readonly { readonly tenantId: number; readonly name: string; readonly accessToken: string }[]
  /** In the words of the emulated system. */
  readonly credentials: object
  /** For the other commands. */
  readonly environment: { readonly TIDINGS_URL: string; readonly TIDINGS_KEY: string }
}

export async function showAccess(out: Output, access: StandInAccess): Promise<void> {
  await out.result(access, async () => {
    const { paint } = out
    await out.line(paint('bold', `Tidings stands in for ${access.dialect} at ${access.url}`))
    await out.line('')
    for (const [name, value] of linesOf(access.credentials)) await out.line(`  ${paint('dim', name)}  ${value}`)
    await out.line('')
    await out.line(`  ${paint('dim', 'publisher key'.padEnd(nameWidth))}  ${access.publisherKey}`)
    await out.line('')
    await out.line('In a second terminal:')
    await out.line('')
    const { TIDINGS_URL, TIDINGS_KEY } = access.environment
    await out.line(`export TIDINGS_URL=${TIDINGS_URL} TIDINGS_KEY=${TIDINGS_KEY}`)
    await out.line(`tidings event-types list --dialect ${access.dialect}`)
    await out.line('tidings emulate fire <event>')
    await out.line('tidings emulate forward 2h')
    await out.line('tidings deliveries list')
    await out.line('')
    await out.line('Endpoints on this machine are allowed, with plain http too. Nothing is kept. Ctrl-C ends.')
  })
}

const nameWidth = 16

/** A value under each name; the members of a list under each other, set in. */
function linesOf(value: object, indent = 0): readonly (readonly [name: string, value: string])[] {
  const named = (name: string) => `${' '.repeat(indent)}${name}`.padEnd(nameWidth)
  return Object.entries(value).flatMap(([name, each]): (readonly [string, string])[] => {
    if (!Array.isArray(each)) return [[named(name), String(each)]]
    return [[named(name), ''], ...each.flatMap((member: object) => linesOf(member, indent + 2))]
  })
}
