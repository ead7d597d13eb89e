import { expect, test } from 'vitest'
import { minuteMs, type SeriesTally } from '../core/series/tally.ts'
import { ManualClock } from '../core/time/clock.ts'
import { type ListedStream, StreamList } from './stream-list.ts'
import { startStreamTally } from './stream-tally.ts'

function streamOf(id: string, integrationIds: readonly string[]): ListedStream {
  const facts = { integrationIds, tenantIds: null, topics: [], position: null, bufferedBytes: 0 }
  const about = { id, transport: 'sse', dialect: 'standard', address: '::1', openedAtMs: 0 } as const
  return { ...about, facts: () => facts, disconnect: () => {} }
}

test('once a minute it is counted how many streams are open, for all and for each integration', async () => {
  const clock = new ManualClock()
  const list = new StreamList()
  const counted: SeriesTally[][] = []
  const store = { tally: async (tallies: readonly SeriesTally[]) => void counted.push([...tallies]) }
  const stop = startStreamTally({ list, store, clock, onFailure: (error) => expect.fail(String(error)) })
  await clock.advance(minuteMs)
  expect(counted).toEqual([])
  list.add(streamOf('str_1', ['int_1']))
  list.add(streamOf('str_2', []))
  const end = list.add(streamOf('str_3', ['int_1', 'int_2']))
  await clock.advance(minuteMs)
  const minute = Math.floor(clock.now() / minuteMs)
  expect(counted.splice(0)).toEqual([
    [
      { scope: 'all', minute, counts: { streams: 3, samples: 1 } },
      { scope: 'integration int_1', minute, counts: { streams: 2, samples: 1 } },
      { scope: 'integration int_2', minute, counts: { streams: 1, samples: 1 } },
    ],
  ])
  end()
  await clock.advance(minuteMs)
  expect(counted[0]?.[0]).toMatchObject({ counts: { streams: 2 } })
  stop()
  await clock.advance(5 * minuteMs)
  expect(counted).toHaveLength(1)
})
