import { between, seededRandom } from '../harness/random.ts'
import { Company } from './company.ts'
import { controlBehindGateway } from './control.ts'
import type { Fault } from './fault.ts'
import { lasting } from './pause.ts'

/** The server is gone from one instruction to the next, in the middle of publishing, streaming and delivering. */
export const kill: Fault = {
  name: 'kill -9',
  async run({ rounds, seed, directory, onRound }) {
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
        onRound(round + 1)
      }
    })
    const text = `the server was killed in ${killed} of ${rounds} rounds`
    return { verdicts: [verdict], demands: [{ text, isMet: killed === rounds }] }
  },
  control: (options) =>
    controlBehindGateway(
      options,
      { carelessness: 'answers for the server', finding: 'lost', rounds: 2 },
      async (company) => {
        const first = company.allowRound()
        await company.until(() => company.acknowledged >= first)
        company.noteFault('kill')
        await company.server.kill()
        const all = company.allowRound()
        await company.until(() => company.acknowledged >= all)
        await company.restart()
      },
    ),
}
