import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For processes that are started again and again: Node keeps what it compiled of their sources here. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'tidings-harness-compiled') }
