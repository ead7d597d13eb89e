import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tableOf } from '../harness/checker.ts'
import type { Verdict } from '../harness/judge.ts'
import { runCrashes } from './run.ts'

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1e9))

/** `CRASH_EVENTS`, `CRASH_KILLS` and `CRASH_SEED` say it otherwise; `CRASH_KEEP` keeps the data. */
export function testCrashes(given: { readonly events: number; readonly kills: number }): void {
  const events = Number(process.env.CRASH_EVENTS ?? given.events)
  const kills = Number(process.env.CRASH_KILLS ?? given.kills)

  test(`${kills} kill -9 while ${events} events are published and delivered: nothing is lost`, {
    timeout: 600_000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tidings-crash-'))
    const journal = join(directory, 'journal')
    mkdirSync(journal)
    try {
      const { complaints } = await runCrashes({ directory, journal, events, kills, seed })
      const verdict = await check(journal)
      console.log(`seed ${seed}\n${tableOf(verdict)}`)
      expect(complaints).toBe('')
      expect(verdict.faults).toBe(kills)
      expect(verdict.acknowledged).toBe(events)
      expect(verdict).toMatchObject({ isSound: true, sent: events })
    } finally {
      if (!process.env.CRASH_KEEP) rmSync(directory, { recursive: true, force: true })
    }
  })
}

/** The checker judges in a process of its own. */
function check(journal: string): Promise<Verdict> {
  const checker = fileURLToPath(new URL('../harness/checker.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', checker, journal], (error, stdout, stderr) => {
      if (stdout === '') reject(error ?? new Error(stderr))
      else resolve(JSON.parse(stdout) as Verdict)
    })
  })
}
