import { lazy, Suspense } from 'react'
import type { Line } from './line.ts'

const Plot = lazy(() => import('./plot.tsx'))

/** Numbers over time. The drawing is loaded when the first one is shown. */
export function Chart({ label, lines }: { label: string; lines: readonly Line[] }) {
  return (
    <Suspense fallback={null}>
      <Plot label={label} lines={lines} />
    </Suspense>
  )
}
