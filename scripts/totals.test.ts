import { expect, test } from 'vitest'
import { totalsLine, type VitestReport } from './totals.ts'

const report: VitestReport = {
  success: true,
  numPassedTests: 812,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
}

test('all passed', () => {
  expect(totalsLine([report])).toEqual({ line: '812 passed, 0 failed', hasPassed: true })
})

test('skipped ones are told', () => {
  expect(totalsLine([{ ...report, numPendingTests: 3, numTodoTests: 1 }])).toEqual({
    line: '812 passed, 0 failed, 4 skipped',
    hasPassed: true,
  })
})

test('a failed test', () => {
  expect(totalsLine([{ ...report, success: false, numFailedTests: 2 }])).toEqual({
    line: '812 passed, 2 failed',
    hasPassed: false,
  })
})

test('a file that could not be read in is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(totalsLine([{ ...report, success: false, testResults }])).toEqual({
    line: '812 passed, 1 failed',
    hasPassed: false,
  })
})

test('no test at all is no success', () => {
  expect(totalsLine([{ ...report, numPassedTests: 0, testResults: [] }]).hasPassed).toBe(false)
})

test('an error outside of every test is no success', () => {
  expect(totalsLine([{ ...report, success: false }]).hasPassed).toBe(false)
})

test('several runs are one line', () => {
  const long: VitestReport = { ...report, numPassedTests: 30, numPendingTests: 2 }
  expect(totalsLine([report, long])).toEqual({ line: '842 passed, 0 failed, 2 skipped', hasPassed: true })
  expect(totalsLine([report, { ...long, success: false, numFailedTests: 1 }])).toEqual({
    line: '842 passed, 1 failed, 2 skipped',
    hasPassed: false,
  })
  expect(totalsLine([report, { ...long, numPassedTests: 0 }]).hasPassed).toBe(false)
})

test('a run that left no report has failed', () => {
  expect(totalsLine([report, null])).toEqual({ line: '812 passed, 1 failed', hasPassed: false })
})
