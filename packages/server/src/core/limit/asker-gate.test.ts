import { expect, test } from 'vitest'
import { AskerGate } from './asker-gate.ts'

const bounds = { mostAtOnce: 8, mostWaiting: 100 }

/** A task that runs until it is told to end. */
function task() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const state = {
    hasBegun: false,
    end,
    async run() {
      state.hasBegun = true
      await ended
    },
  }
  return state
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('eight of an asker are under way, the others wait in their order, and other askers do not notice', async () => {
  const gate = new AskerGate(bounds)
  const tasks = Array.from({ length: 10 }, task)
  const runs = tasks.map(({ run }) => gate.run('a', run))
  const other = task()
  const otherRun = gate.run('b', other.run)
  const begun = () => tasks.map(({ hasBegun }) => hasBegun)
  expect(begun()).toEqual([...Array(8).fill(true), false, false])
  expect(other.hasBegun).toBe(true)
  tasks[3]!.end()
  await settle()
  expect(begun()).toEqual([...Array(9).fill(true), false])
  for (const { end } of [...tasks, other]) end()
  await Promise.all([...runs, otherRun])
  expect(begun()).toEqual(Array(10).fill(true))
})

test('a task that fails gives its place up', async () => {
  const gate = new AskerGate(bounds)
  for (let round = 0; round < 20; round++) {
    await expect(gate.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  }
  expect(await gate.run('a', async () => 'yes')).toBe('yes')
})

test('whoever comes when too many wait is told so', async () => {
  const gate = new AskerGate(bounds)
  const holding = Array.from({ length: 8 }, task)
  const runs: Promise<unknown>[] = holding.map(({ run }) => gate.run('a', run))
  for (let index = 0; index < 100; index++) runs.push(gate.run('a', async () => index))
  expect(await gate.run('a', async () => 'one more')).toBeNull()
  for (const { end } of holding) end()
  await Promise.all(runs)
  expect(await gate.run('a', async () => 'again')).toBe('again')
})
