import { expect, test } from 'vitest'
import { Revalidation } from './revalidation.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('sixteen at once, each subject once, and failures do not stop the others', async () => {
  const failures: unknown[] = []
  const revalidation = new Revalidation((error) => failures.push(error))
  const ends: (() => void)[] = []
  const begun: number[] = []
  const subjects = Array.from({ length: 40 }, (_, index) => ({ index }))
  const add = (subject: { index: number }) =>
    revalidation.add(subject, async () => {
      begun.push(subject.index)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (subject.index === 3) throw new Error('three')
    })
  for (const subject of subjects) add(subject)
  for (const subject of subjects) add(subject)
  expect(begun).toHaveLength(16)
  for (let round = 0; round < 4; round++) {
    for (const end of ends.splice(0)) end()
    await settle()
  }
  expect(begun).toEqual(subjects.map(({ index }) => index))
  expect(failures).toEqual([new Error('three')])
})

test('what waits is forgotten when the authority does not answer', async () => {
  const revalidation = new Revalidation(() => {})
  let end = () => {}
  const begun: number[] = []
  for (let index = 0; index < 20; index++) {
    revalidation.add({}, async () => {
      begun.push(index)
      await new Promise<void>((resolve) => {
        end = resolve
      })
    })
  }
  revalidation.clear()
  end()
  await settle()
  expect(begun).toHaveLength(16)
})
