import { expect } from 'vitest'

/** An answer as any client has it. */
export interface ErrorAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly header: (name: string) => string | null | undefined
}

/** How each dialect with an HTTP interface of its own refuses (contracts, "Errors"), whatever went wrong. */
export const errorShapes: Readonly<Record<string, (answer: ErrorAnswer) => void>> = {
  tripletex({ status, type, text, header }) {
    expect(type).toBe('application/json; charset=utf-8')
    const body = JSON.parse(text)
    const keys = ['status', 'code', 'message', 'link', 'developerMessage', 'validationMessages', 'requestId']
    expect(Object.keys(body)).toEqual(keys)
    expect(body).toMatchObject({ status, message: expect.any(String), link: null, requestId: expect.any(String) })
    expect(header('x-tlx-request-id')).toBe(body.requestId)
    for (const fault of body.validationMessages ?? []) {
      expect(Object.keys(fault)).toEqual(['field', 'message', 'path', 'rootId'])
    }
  },
  moneybird({ status, type, text }) {
    if (status === 429) {
      expect([type, text]).toEqual(['text/plain; charset=utf-8', 'Retry later'])
      return
    }
    expect(type).toBe('application/json; charset=utf-8')
    const { error, symbolic, ...more } = JSON.parse(text)
    expect(error).toMatch(/\S/)
    expect(more).toEqual({})
    for (const symbol of Object.values(symbolic ?? {})) expect(symbol).toMatch(/^[a-z_]+$/)
  },
  fakturownia({ type, text }) {
    expect(type).toMatch(/^application\/json/)
    const { code, message, ...more } = JSON.parse(text)
    expect([code, more]).toEqual(['error', {}])
    const texts = typeof message === 'string' ? [message] : Object.values(message as Record<string, string[]>).flat()
    for (const each of texts) expect(each).toMatch(/\S/)
  },
  'visma-business-nxt': isProblem,
  cloudevents: isProblem,
}

function isProblem({ status, type, text }: ErrorAnswer): void {
  expect(type).toMatch(/^application\/problem\+json/)
  expect(JSON.parse(text)).toMatchObject({ type: expect.stringMatching(/^urn:tidings:problem:/), status })
}
