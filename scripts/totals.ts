/** The part of Vitest's JSON report that is summed up. */
export interface VitestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly unknown[]
  }[]
}

/**
 * All runs in one line. A file that fails before its first test (an import that throws) counts as one failure, and so
 * does a run without a report.
 */
export function totalsLine(reports: readonly (VitestReport | null)[]): { line: string; hasPassed: boolean } {
  const counts = reports.map(countsOf)
  const sum = (name: keyof Counts) => counts.reduce((total, each) => total + each[name], 0)
  const [failed, skipped] = [sum('failed'), sum('skipped')]
  return {
    line: `${sum('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    hasPassed: failed === 0 && reports.every((report) => report?.success) && counts.every(({ passed }) => passed > 0),
  }
}

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

function countsOf(report: VitestReport | null): Counts {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
