import { type EndpointTerms, parsedBefore, tooLarge } from './endpoint-terms.ts'
import { concatenated } from './node.ts'

/** For web requests whose body nobody has read. */
export function fetchHandler(terms: EndpointTerms): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.bodyUsed)
      return responseOf(terms.fail(parsedBefore('Hand the request to the receiver before its body is read.')))
    return answerWith(terms, request, () => bodyWithin(request.body, terms.maxBodyBytes))
  }
}

/** Answers a web request with a body that comes from elsewhere. */
export async function answerWith(
  terms: EndpointTerms,
  { method, url, headers }: Request,
  bodyOf: () => Promise<Uint8Array | 'too_large'>,
): Promise<Response> {
  try {
    const body = await bodyOf()
    return responseOf(body === 'too_large' ? tooLarge : await terms.answer({ method, url, headers, body }))
  } catch (error) {
    return responseOf(terms.fail(error))
  }
}

function responseOf({ status, headers, body }: Awaited<ReturnType<EndpointTerms['answer']>>): Response {
  return new Response(body ?? null, { status, headers: { ...headers } })
}

async function bodyWithin(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | 'too_large'> {
  if (!body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return concatenated(chunks, length)
    length += value.length
    if (length > maxBytes) {
      reader.cancel().catch(() => {})
      return 'too_large'
    }
    chunks.push(value)
  }
}
