import { expect, test } from 'vitest'
import { latencyAt, latencyStep } from './latency.ts'

function histogramOf(latenciesMs: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>()
  for (const latencyMs of latenciesMs) {
    const step = latencyStep(latencyMs)
    histogram.set(step, (histogram.get(step) ?? 0) + 1)
  }
  return histogram
}

test('a percentile lies within a tenth of the latency that it stands for', () => {
  for (const latencyMs of [1, 1.7, 8, 99, 212, 5_000, 14 * 24 * 3_600_000]) {
    const told = latencyAt(histogramOf([latencyMs]), 0.5)!
    expect(Math.abs(told - latencyMs) / latencyMs).toBeLessThan(0.1)
  }
  expect(latencyAt(histogramOf([0, 0.2]), 1)).toBe(0.5)
})

test('the share that is asked for did not exceed it', () => {
  const histogram = histogramOf([...Array.from({ length: 99 }, () => 10), 1_000])
  expect(latencyAt(histogram, 0.5)).toBeCloseTo(10, -1)
  expect(latencyAt(histogram, 0.99)).toBeCloseTo(10, -1)
  expect(latencyAt(histogram, 1)).toBeGreaterThan(900)
})

test('of nothing there is none', () => {
  expect(latencyAt(new Map(), 0.5)).toBeNull()
})

test('steps ascend with the latency', () => {
  const steps = [0, 0.99, 1, 1.2, 2, 4, 1_000, 1e9].map(latencyStep)
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  expect(steps.slice(0, 3)).toEqual([0, 0, 1])
})
