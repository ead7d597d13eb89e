import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Application {
  /** Where Tidings answers; its `frameAncestors` names this application's origin. */
  readonly tidings: string
  readonly adminKey: string
  /** Whose portal: of the integrator who is signed in to the application. */
  readonly integrationId: string
}

/**
 * An application that shows its integrators their portal. It asks Tidings for a new link with each page: a link works
 * once. `/element` uses the custom element, `/frame` a plain frame.
 */
export async function startApplication(application: () => Application, port = 0): Promise<Server> {
  const server = createServer(async (request, response) => {
    try {
      const link = await portalLink(application())
      const { origin } = new URL(link)
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end(request.url === '/frame' ? framePage(link) : elementPage(link, origin))
    } catch (error) {
      response.writeHead(502).end(String(error))
    }
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function portalLink({ tidings, adminKey, integrationId }: Application): Promise<string> {
  const response = await fetch(`${tidings}/v1/portal-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ integrationId, appearance: { name: 'Bygg & Bo', colors: { accent: '#1a7f5a' } } }),
  })
  if (!response.ok) throw new Error(`Tidings answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { url: string }).url
}

function elementPage(link: string, origin: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bygg &amp; Bo</title>
<h1>Settings</h1>
<script src="${origin}/ui/portal-element.js"></script>
<tidings-portal src="${link}" title="Webhooks"></tidings-portal></html>`
}

function framePage(link: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bygg &amp; Bo</title>
<h1>Settings</h1>
<iframe src="${link}" title="Webhooks" width="1000" height="700" allow="clipboard-write"></iframe></html>`
}

if (import.meta.main) {
  const { TIDINGS_URL, TIDINGS_ADMIN_KEY, INTEGRATION_ID } = process.env
  if (!TIDINGS_URL || !TIDINGS_ADMIN_KEY || !INTEGRATION_ID) {
    console.error('Set TIDINGS_URL, TIDINGS_ADMIN_KEY and INTEGRATION_ID, then start it again.')
    process.exit(1)
  }
  const application = { tidings: TIDINGS_URL, adminKey: TIDINGS_ADMIN_KEY, integrationId: INTEGRATION_ID }
  const server = await startApplication(() => application, 3000)
  console.log(`The application is at http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}
