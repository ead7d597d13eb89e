import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { root } from './release.ts'

const source = join(root, 'packages', 'server', 'src')

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  minifySyntax: true,
  // One letter beyond ASCII doubles the memory that the text takes.
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions

/** Modules for Node, what is loaded later in files of its own. */
export async function bundleModules(directory: string): Promise<Metafile> {
  const { metafile } = await build({
    ...options,
    format: 'esm',
    splitting: true,
    entryPoints: { main: join(source, 'main.ts'), ...threadPrograms() },
    outdir: directory,
    // Libraries in CommonJS ask for Node's modules.
    banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
  })
  return metafile
}

export interface Scripts {
  readonly main: string
  /** Reads the lines and names of a stack trace of the main thread. */
  readonly sourceMap: string
  /** By file name, as `reader.js`. */
  readonly threads: Readonly<Record<string, string>>
  readonly metafile: Metafile
}

/** One script for the main thread and one for each other: an executable carries texts, not files. */
export async function bundleScripts(directory: string): Promise<Scripts> {
  const programs = threadPrograms()
  const { metafile } = await build({
    ...options,
    format: 'cjs',
    // Names of the threads' programs are resolved against it; there is no such file.
    define: { 'import.meta.url': '"file:///tidings/main.js"' },
    // The entry in a module waits for the end of the command; a script cannot.
    entryPoints: { main: join(import.meta.dirname, 'executable-main.ts'), ...programs },
    outdir: directory,
    // The text is in memory as long as the server runs: short names save 3 MB.
    minifyIdentifiers: true,
    plugins: [http2OnFirstUse],
    sourcemap: 'external',
    sourcesContent: false,
  })
  const threads = Object.keys(programs).map((name) => [`${name}.js`, join(directory, `${name}.js`)])
  const main = join(directory, 'main.js')
  return { main, sourceMap: `${main}.map`, threads: Object.fromEntries(threads), metafile }
}

/** Fastify loads HTTP/2 for servers that speak it, which this one does not: 2 MB of an idle process. */
const http2OnFirstUse: Plugin = {
  name: 'http2 on first use',
  setup({ onResolve, onLoad }) {
    const namespace = 'on-first-use'
    onResolve({ filter: /^node:http2$/ }, ({ path }) => ({ path, namespace }))
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => process.getBuiltinModule('${path}')[name] })`,
    }))
  },
}

/** The sources that threads are started with, by their name. */
function threadPrograms(): Record<string, string> {
  const programs: Record<string, string> = {}
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const file = join(source, name)
    for (const [, program] of readFileSync(file, 'utf8').matchAll(/startThread\(new URL\('([^']+)'/g)) {
      const path = join(dirname(file), program!)
      const key = basename(path, '.ts')
      if (programs[key] !== undefined && programs[key] !== path)
        throw new Error(`Two programs of threads are named ${key}; give one of them another name.`)
      programs[key] = path
    }
  }
  return programs
}
