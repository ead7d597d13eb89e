import { between, seededRandom } from '../harness/random.ts'
import { Company } from './company.ts'
import type { Fault } from './fault.ts'
import { lasting } from './pause.ts'

/** The server is gone from one instruction to the next, in the middle of publishing, streaming and delivering. */
export const kill: Fault = {
  name: 'kill -9',
  async run({ rounds, seed, directory }) {
    const random = seededRandom(seed)
    let killed = 0
    const verdict = await Company.run({ directory, rounds, seed }, async (company) => {
      for (let round = 0; round < rounds; round++) {
        const before = company.acknowledged
        const all = company.allowRound()
        await company.until(() => company.acknowledged >= before + between(random, 1, Math.max(1, all - before)))
        await lasting(random() * 30)
        company.noteFault('kill')
        await company.server.kill()
        if (company.server.signal === 'SIGKILL') killed += 1
        await company.restart()
      }
    })
    const text = `the server was killed in ${killed} of ${rounds} rounds`
    return { verdicts: [verdict], demands: [{ text, isMet: killed === rounds }] }
  },
}
