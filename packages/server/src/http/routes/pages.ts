import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Appearance } from '../../core/appearance/appearance.ts'
import type { PageFiles } from '../../process/page-files.ts'
import { policyOf } from '../page-policy.ts'
import { notFound } from '../problem.ts'

export interface PageRoutesDeps {
  readonly files: PageFiles
  /** Origins whose pages may show the portal in a frame. */
  readonly frameAncestors: readonly string[]
  readonly appearance: Appearance
}

interface Loaded {
  readonly bytes: Buffer
  readonly gzipped: Buffer | null
  readonly tag: string
}

const index = 'index.html'
/** Files with a hash of their content in their names never change. */
const hashed = /^assets\//
const oneYear = 'public, max-age=31536000, immutable'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** The pages below `/ui/`: files of a build, and for every other path the page that reads the path itself. */
export function pageRoutes(app: FastifyInstance, { files, frameAncestors, appearance }: PageRoutesDeps): void {
  const loaded = new Map<string, Loaded>()
  const load = (name: string): Loaded => {
    const known = loaded.get(name)
    if (known) return known
    const bytes = files.read(name)
    const gzipped = files.names.has(`${name}.gz`) ? files.read(`${name}.gz`) : null
    const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
    const made = { bytes, gzipped, tag }
    loaded.set(name, made)
    return made
  }
  const hidden = { schema: { hide: true } as object }

  app.get('/ui', { ...hidden, handler: async (_request, reply) => reply.redirect('/ui/', 308) })
  app.get('/ui/*', {
    ...hidden,
    handler: async (request, reply) => {
      const asked = (request.params as { '*': string })['*']
      const isFile = files.names.has(asked) && mediaTypes[extname(asked)] !== undefined
      // A file of an older build that is gone must not be answered by a page: a browser would run it.
      if (!isFile && hashed.test(asked)) throw notFound
      if (!isFile && !files.names.has(index)) return notBuilt(reply)
      const name = isFile ? asked : index
      reply
        .type(mediaTypes[extname(name)]!)
        .header('content-security-policy', policyOf(`/ui/${asked}`, frameAncestors, appearance))
        .header('referrer-policy', 'no-referrer')
        .header('cross-origin-opener-policy', 'same-origin')
        .header('cache-control', hashed.test(name) ? oneYear : 'no-cache')
      return send(request, reply, load(name))
    },
  })
}

function send(request: FastifyRequest, reply: FastifyReply, { bytes, gzipped, tag }: Loaded) {
  const isGzipped = gzipped !== null && takesGzip(request.headers['accept-encoding'])
  const entityTag = `"${tag}${isGzipped ? '-gz' : ''}"`
  reply.header('etag', entityTag)
  if (gzipped !== null) reply.header('vary', 'Accept-Encoding')
  if (isCurrent(request.headers['if-none-match'], entityTag)) return reply.code(304).send()
  if (!isGzipped) return reply.send(bytes)
  return reply.header('content-encoding', 'gzip').send(gzipped)
}

/** RFC 9110 §12.5.3, as far as clients write it. */
function takesGzip(header: string | string[] | undefined): boolean {
  return [header ?? '']
    .flat()
    .join()
    .split(',')
    .some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(1|0?\.\d*[1-9]\d*)\s*)?$/i.test(coding))
}

/** RFC 9110 §13.1.2: weak comparison. */
function isCurrent(header: string | undefined, entityTag: string): boolean {
  return header?.trim() === '*' || (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === entityTag)
}

function notBuilt(reply: FastifyReply) {
  return reply
    .code(503)
    .type('text/plain; charset=utf-8')
    .send(
      'The pages of this server have not been built, so there is nothing to show here. In a clone, run `npm start`, or `node scripts/setup.mjs --pages`, then start the server again. The REST interface works without them: see /docs.\n',
    )
}
