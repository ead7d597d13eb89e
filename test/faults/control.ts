import type { Verdict } from '../harness/judge.ts'
import { CarelessGateway, type Carelessness } from './careless-gateway.ts'
import { Company, type CompanyOptions } from './company.ts'
import type { Control, ControlOptions } from './fault.ts'
import { type Finding, sumOf } from './finding.ts'

/** Makes a fault to a server behind a careless gateway: the judge has to find what comes of it. */
export async function controlBehindGateway(
  { seed, directory }: ControlOptions,
  given: { readonly carelessness: Carelessness; readonly finding: Finding } & Partial<CompanyOptions>,
  live: (company: Company) => Promise<void>,
): Promise<Control> {
  const { carelessness, finding, ...options } = given
  const gateway = await CarelessGateway.listen(carelessness)
  try {
    const verdict = await Company.run({ directory, rounds: 1, seed, gateway, ...options }, live)
    return controlOf(`a gateway that ${carelessness}`, verdict, finding)
  } finally {
    gateway.close()
  }
}

/** It has failed, as it must, when the judge found what comes of it. */
export function controlOf(what: string, verdict: Verdict, finding: Finding): Control {
  const found = sumOf([verdict], finding)
  return { text: `${what}: ${verdict.acknowledged} acknowledged, ${found} ${finding}`, hasFailed: found > 0 }
}
