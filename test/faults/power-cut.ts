import { join } from 'node:path'
import { between, seededRandom } from '../harness/random.ts'
import { missingFrom, publishUntil } from '../power-cut/interrupted-publisher.ts'
import { obstacle, Volume } from '../power-cut/volume.ts'
import { Company } from './company.ts'
import type { Control, Fault } from './fault.ts'

const controlTries = 5

/** What was written and not synced is gone, of the log, the registry and the delivery state alike. */
export const powerCut: Fault = {
  name: 'power cut',
  obstacle,
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    const volume = new Volume()
    try {
      const data = join(volume.path, 'data')
      const verdict = await Company.run({ directory, data, rounds, seed }, async (company) => {
        for (let round = 0; round < rounds; round++) {
          const before = company.acknowledged
          const all = company.allowRound()
          await company.until(() => company.acknowledged >= before + between(random, 1, Math.max(1, all - before)))
          company.noteFault('power cut')
          // It must not acknowledge after the cut, when syncs may report what is not true, see `Volume.cutPower`.
          await company.server.suspend()
          volume.cutPower()
          await company.server.kill()
          volume.restorePower()
          await company.restart()
          onRound(round + 1)
        }
      })
      volume.unmount()
      volume.check()
      return { verdicts: [verdict], demands: [] }
    } finally {
      volume.remove()
    }
  },
  control,
}

/** The log with a setting that no server has: it must lose something, or the rounds above cannot see a loss. */
async function control(): Promise<Control> {
  let lost = 0
  let tries = 0
  while (lost === 0 && tries < controlTries) {
    tries += 1
    lost = await lossWithoutSyncs()
  }
  return { text: `a log without a sync for each commit: ${lost} lost`, hasFailed: lost > 0 }
}

async function lossWithoutSyncs(): Promise<number> {
  const volume = new Volume()
  try {
    const directory = join(volume.path, 'data')
    const interrupt = () => volume.cutPower()
    const { before } = await publishUntil({ directory, synchronous: 'NORMAL', acknowledged: 1_500, interrupt })
    volume.restorePower()
    return (await missingFrom(directory, before)).length
  } finally {
    volume.remove()
  }
}
