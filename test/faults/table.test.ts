import { describe, expect, test } from 'vitest'
import { Progress } from './progress.ts'
import { isSound, type Result } from './result.ts'
import { heading, lineOf, summaryOf } from './table.ts'

type Run = Extract<Result, { kind: 'run' }>

const nothing = { lost: 0, duplicated: 0, reordered: 0, altered: 0, leaked: 0, phantom: 0, misnumbered: 0 }

function resultWith(change: Partial<Run> = {}): Run {
  return {
    kind: 'run',
    fault: 'kill -9',
    rounds: 50,
    acknowledged: 12_000,
    found: { ...nothing, duplicated: 31 },
    demands: [{ text: 'killed in 50 of 50 rounds', isMet: true }],
    control: { text: 'a gateway: 240 lost', hasFailed: true },
    examples: [],
    seconds: 61,
    ...change,
  }
}

describe('what is sound', () => {
  test('duplicates alone, a disturbance that happened, a control that failed', () => {
    expect(isSound(resultWith(), false)).toBe(true)
  })

  test.each(['lost', 'reordered', 'altered', 'leaked', 'phantom', 'misnumbered'])('not a single one %s', (finding) => {
    expect(isSound(resultWith({ found: { ...nothing, [finding]: 1 } }), true)).toBe(false)
  })

  test('not a control that held, an unmet demand, a run without an acknowledgement', () => {
    expect(isSound(resultWith({ control: { text: '', hasFailed: false } }), true)).toBe(false)
    expect(isSound(resultWith({ demands: [{ text: '', isMet: false }] }), true)).toBe(false)
    expect(isSound(resultWith({ acknowledged: 0 }), true)).toBe(false)
  })

  test('what was skipped only where it may be; what broke off never', () => {
    const skipped: Result = { kind: 'skipped', fault: 'power cut', reason: 'not root' }
    expect([isSound(skipped, true), isSound(skipped, false)]).toEqual([true, false])
    expect(isSound({ kind: 'broken', fault: 'power cut', error: new Error('x') }, true)).toBe(false)
  })
})

describe('the table', () => {
  test('its columns stand below one another', () => {
    expect(heading).toBe('fault              rounds  acknowledged  lost  duplicated  reordered  altered  leaked')
    const [line] = lineOf(resultWith()).split('\n')
    expect(line).toBe('kill -9                50        12,000     0          31          0        0       0')
  })

  test('what has no column is told when there is any', () => {
    expect(lineOf(resultWith())).not.toContain('phantom')
    expect(lineOf(resultWith({ found: { ...nothing, phantom: 3, misnumbered: 1 } }))).toContain(
      'ALSO FOUND: 3 phantom, 1 misnumbered',
    )
  })

  test('the last line adds everything up', () => {
    expect(summaryOf([resultWith(), resultWith({ fault: 'SIGSTOP', rounds: 1 })])).toBe(
      '0 lost, 62 duplicated, 0 reordered, 0 altered, 0 leaked, 0 phantom, 0 misnumbered in 51 rounds of 2 faults; every control failed as it must',
    )
    const held = resultWith({ control: { text: '', hasFailed: false }, demands: [{ text: '', isMet: false }] })
    const broken: Result = { kind: 'broken', fault: 'full disk', error: new Error('x') }
    const skipped: Result = { kind: 'skipped', fault: 'power cut', reason: 'not root' }
    expect(summaryOf([held, broken, skipped])).toMatch(
      /1 fault; THE CONTROL HELD: kill -9; NOT DISTURBED AS MEANT: kill -9; NOT BROUGHT TO THEIR END: full disk; skipped: power cut$/,
    )
  })
})

describe('progress', () => {
  function written(isTTY: boolean, rounds: number): string {
    let text = ''
    const progress = new Progress({ isTTY, write: (more) => (text += more) }, 'kill -9', rounds)
    for (let done = 1; done <= rounds; done++) progress.onRound(done)
    progress.end()
    return text
  }

  test('on a terminal is one line, which is gone at the end', () => {
    expect(written(true, 2).split('\r\u001b[K')).toEqual([
      '',
      'kill -9: begins',
      'kill -9: 1 of 2 rounds',
      'kill -9: 2 of 2 rounds; its control',
      '',
    ])
  })

  test('elsewhere is a line for each ten rounds', () => {
    expect(written(false, 25)).toBe('kill -9: 10 of 25 rounds\nkill -9: 20 of 25 rounds\n')
  })
})
