import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useSpeech } from '../text/language.tsx'
import type { Line } from './line.ts'
import style from './plot.module.css'

const height = 180

/** uPlot draws into an element of its own: it is made anew when what it shows has changed. */
export default function Plot({ label, lines }: { label: string; lines: readonly Line[] }) {
  const { language } = useSpeech()
  const scheme = useComputedColorScheme()
  const place = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the scheme changes
  useEffect(() => {
    const element = place.current!
    const colors = getComputedStyle(element)
    const resolve = (name: string) => colorIn(element, colors.getPropertyValue(name))
    const [soft, grid] = [resolve('--soft'), resolve('--line')]
    const axis = { stroke: soft, grid: { stroke: grid, width: 1 }, ticks: { show: false } }
    const number = new Intl.NumberFormat(language, { notation: 'compact' })
    const first = lines[0]!.series
    const fromSeconds = Date.parse(first.from) / 1_000
    const times = first.points.map((_, at) => fromSeconds + at * first.stepSeconds)
    const isLong = times.length * first.stepSeconds > 86_400
    const clock = new Intl.DateTimeFormat(
      language,
      isLong ? { day: 'numeric', month: 'short' } : { timeStyle: 'short' },
    )
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: true, live: false },
        cursor: { y: false },
        series: [
          {},
          ...lines.map(({ name, color }) => ({
            label: name,
            stroke: resolve(color),
            width: 1.5,
            points: { show: false },
          })),
        ],
        axes: [
          { ...axis, values: (_plot, splits) => splits.map((at) => clock.format(at * 1_000)) },
          { ...axis, size: 48, values: (_plot, splits) => splits.map((value) => number.format(value)) },
        ],
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
      },
      [times, ...lines.map(({ series }) => [...series.points])],
      element,
    )
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [lines, language, scheme])
  return <div ref={place} className={style.plot} role="img" aria-label={label} />
}

/** A canvas knows no `light-dark()`: the browser is asked what it comes to. */
function colorIn(element: HTMLElement, value: string): string {
  const probe = document.createElement('span')
  probe.style.color = value
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
