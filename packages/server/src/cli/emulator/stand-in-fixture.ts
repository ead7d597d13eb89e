import { expect, onTestFinished } from 'vitest'
import { startCommand, tidings } from '../cli-fixture.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any
}

/** A call as an integrator's own code makes it, with what the stand-in printed. */
export async function call(
  method: string,
  url: string,
  options: { readonly authorization?: string; readonly body?: unknown } = {},
): Promise<Answer> {
  const { authorization, body } = options
  const response = await fetch(url, {
    method,
    headers: {
      ...(authorization && { authorization }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

export interface TestStandIn {
  readonly url: string
  readonly adminKey: string
  readonly publisherKey: string
  /** In the words of the emulated system. */
  // biome-ignore lint/suspicious/noExplicitAny: each system has its own
  readonly credentials: any
  readonly environment: Readonly<Record<string, string>>
  /** `tidings …` in a process of its own, against it; throws unless it ended with 0. */
  run(...args: readonly string[]): Promise<string>
}

/** `tidings emulate` in a process of its own, on any free port; ended when the test ends. */
export async function startStandIn(dialect: string, ...more: readonly string[]): Promise<TestStandIn> {
  const command = startCommand(['emulate', dialect, '--port', '0', '--json', ...more])
  onTestFinished(async () => {
    command.kill('SIGINT')
    expect((await command.done).code).toBe(0)
  })
  const access = JSON.parse((await command.said('\n')).stdout)
  return {
    ...access,
    async run(...args) {
      const { code, stdout, stderr } = await tidings(args, { env: access.environment })
      if (code !== 0) throw new Error(`tidings ${args.join(' ')} ended with ${code}: ${stderr}`)
      return stdout
    },
  }
}
