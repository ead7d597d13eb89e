import { existsSync } from 'node:fs'
import { between, seededRandom } from '../harness/random.ts'
import { Company } from './company.ts'
import { controlBehindGateway } from './control.ts'
import type { Fault } from './fault.ts'
import { lasting } from './pause.ts'

/** The process stands still, as on a machine that is suspended, and goes on: all its deadlines passed at once. */
export const stop: Fault = {
  name: 'SIGSTOP',
  obstacle: () => (existsSync('/proc/self/status') ? undefined : 'there is no /proc here'),
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    let stopped = 0
    const verdict = await Company.run({ directory, rounds, seed }, async (company) => {
      for (let round = 0; round < rounds; round++) {
        const before = company.acknowledged
        const all = company.allowRound()
        await company.until(() => company.acknowledged >= before + between(random, 1, Math.max(1, all - before)))
        company.noteFault('stop')
        await company.server.suspend()
        // Each tenth time for longer than an attempt may take.
        await lasting(round % 10 === 9 ? 17_000 : between(random, 50, 2_000))
        if (company.server.isSuspended) stopped += 1
        process.kill(company.server.pid!, 'SIGCONT')
        await company.until(() => company.acknowledged >= all)
        onRound(round + 1)
      }
    })
    const text = `the process was seen to stand still in ${stopped} of ${rounds} rounds`
    return { verdicts: [verdict], demands: [{ text, isMet: stopped === rounds }] }
  },
  control: (options) =>
    controlBehindGateway(options, { carelessness: 'answers for the server', finding: 'lost' }, async (company) => {
      process.kill(company.server.pid!, 'SIGSTOP')
      company.noteFault('stop')
      const all = company.allowRound()
      await company.until(() => company.acknowledged >= all)
      process.kill(company.server.pid!, 'SIGCONT')
    }),
}
