import { UnreachableError } from './errors.ts'
import { unreachable } from './http.ts'

/**
 * The chunks of a body that is never silent for long, as the server's stream, which says something every 15 seconds.
 * A connection that was cut without a word would else be waited for without end. Only reading counts: a consumer may
 * take its time between two chunks.
 *
 * @throws UnreachableError `timeout` after `limitMs` without a byte, `unreachable` when the connection breaks
 */
export async function* chunksWithin(
  body: ReadableStream<Uint8Array>,
  limitMs: number,
  base: string,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await limited(reader.read(), limitMs, base)
      if (done) return
      yield value
    }
  } finally {
    // Whoever stops reading wants no more of it; what cancelling it says is of no use.
    reader.cancel().catch(() => {})
  }
}

async function limited<T>(reading: Promise<T>, limitMs: number, base: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new UnreachableError('timeout', `${base} said nothing for ${limitMs / 1_000} s`))
    }, limitMs)
  })
  try {
    return await Promise.race([reading, silent])
  } catch (error) {
    throw error instanceof UnreachableError ? error : unreachable(error, base)
  } finally {
    clearTimeout(timer)
  }
}
