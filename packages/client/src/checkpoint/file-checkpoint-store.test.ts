import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileCheckpointStore } from './file-checkpoint-store.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-checkpoints-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a position is there again, for each name its own, in a directory that is made', async () => {
  const store = new FileCheckpointStore(join(directory, 'made', 'here'))
  expect(await store.load('books')).toBeUndefined()
  await store.save('books', 'o1')
  await store.save('books', 'o2')
  await store.save('../else/where', 'o9')
  const other = new FileCheckpointStore(join(directory, 'made', 'here'))
  expect(await other.load('books')).toBe('o2')
  expect(await other.load('../else/where')).toBe('o9')
  expect(await readdir(directory)).toEqual(['made'])
})

test('what a crash left beside the file is not taken for it', async () => {
  const store = new FileCheckpointStore(directory)
  await store.save('books', 'o1')
  await writeFile(join(directory, 'books.checkpoint.next'), 'o2 was never')
  expect(await store.load('books')).toBe('o1')
  await store.save('books', 'o3')
  expect(await store.load('books')).toBe('o3')
})

test('an empty file is no beginning', async () => {
  await writeFile(join(directory, 'books.checkpoint'), '')
  await expect(new FileCheckpointStore(directory).load('books')).rejects.toThrow('books.checkpoint is empty')
})
