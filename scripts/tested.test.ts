import { expect, test } from 'vitest'
import { faultsOf, isTypesAlone, untestedOf } from './tested.ts'

test.each([
  "import type { A } from './a.ts'\n\n/** A port. */\nexport interface Port {\n  get(id: string): A\n}\n",
  'export type Kind = "a" | "b" // of two\n',
  "import { type A } from './a.ts'\nexport type B = A\n",
  "declare module 'fastify' {\n  interface Request {\n    a: string\n  }\n}\n",
])('%j declares types alone', (source) => {
  expect(isTypesAlone(source)).toBe(true)
})

test.each([
  'export const kinds = ["a"] as const\nexport type Kind = (typeof kinds)[number]\n',
  'export function a(): void {}\n',
  'export class A implements Port {}\n',
  "export { a } from './a.ts'\nrun()\n",
])('%j has code', (source) => {
  expect(isTypesAlone(source)).toBe(false)
})

const code = 'export const one = 1\n'
const sources = new Map([
  ['room/one.ts', code],
  ['room/one.test.ts', code],
  ['room/two.ts', code],
  ['room/two.e2e.test.ts', code],
  ['room/port.ts', 'export interface Port {}\n'],
  ['room/fixtures/world.ts', code],
  ['room/inner/four.ts', code],
  ['other/three.ts', code],
])

test('a file is tested by its own tests beside it, not by those of a whole server', () => {
  expect(untestedOf(sources)).toEqual(['other/three.ts', 'room/inner/four.ts', 'room/two.ts'])
})

test('only the files of the rooms are asked for, and an excuse is taken while it is needed', () => {
  expect(faultsOf(sources, ['room'], {})).toEqual([expect.stringMatching(/^room\/two\.ts has no tests/)])
  expect(faultsOf(sources, ['room'], { 'room/two.ts': 'it starts a thread' })).toEqual([])
  expect(faultsOf(sources, ['other'], { 'other/three.ts': 'x', 'room/one.ts': 'x' })).toEqual([
    expect.stringMatching(/^room\/one\.ts needs no excuse/),
  ])
})
