import { fileURLToPath } from 'node:url'

/** For processes that are started again and again: Node keeps what it compiled of their sources here. */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/tidings/compiled', import.meta.url)),
}
