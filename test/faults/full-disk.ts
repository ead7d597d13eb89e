import { spawnSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { operate } from '../harness/registration.ts'
import { adminKey } from '../harness/server-process.ts'
import { obstacle, Volume } from '../power-cut/volume.ts'
import { Company } from './company.ts'
import { controlBehindGateway } from './control.ts'
import type { Fault } from './fault.ts'
import { lasting } from './pause.ts'

/** A tenant and a topic that no reader of the harness looks at. */
const bystander = { tenantId: 77, type: 'project.created', entityId: '1' }
/** More than the files on disk may still have room for. */
const mostProbes = 400
/** What a round leaves behind: what was taken before the disk was full. */
const mebibytesPerRound = 40
/** How long publishers run into it. */
const lastsMs = 500

/** The disk is full in the middle of it; later it is not, and the same process goes on. */
export const fullDisk: Fault = {
  name: 'full disk',
  obstacle,
  async run({ rounds, seed, directory, onRound }) {
    const volume = new Volume(128 + rounds * mebibytesPerRound)
    let refusals = 0
    try {
      const data = join(volume.path, 'data')
      const verdict = await Company.run({ directory, data, rounds, seed }, async (company) => {
        await registerBystander(company)
        for (let round = 0; round < rounds; round++) {
          const ballast = join(volume.path, 'ballast')
          fill(ballast)
          if (await isRefused(company.url)) refusals += 1
          company.noteFault('full disk')
          const all = company.allowRound()
          await lasting(lastsMs)
          rmSync(ballast)
          await company.until(() => company.acknowledged >= all)
          onRound(round + 1)
        }
      })
      return {
        verdicts: [verdict],
        demands: [{ text: `publishing was refused in ${refusals} of ${rounds} rounds`, isMet: refusals === rounds }],
      }
    } finally {
      volume.remove()
    }
  },
  async control(options) {
    const volume = new Volume()
    try {
      const data = join(volume.path, 'data')
      const given = { carelessness: 'answers for the server', finding: 'lost', data } as const
      return await controlBehindGateway(options, given, async (company) => {
        await registerBystander(company)
        const ballast = join(volume.path, 'ballast')
        fill(ballast)
        await isRefused(company.url)
        company.noteFault('full disk')
        const all = company.allowRound()
        await company.until(() => company.acknowledged >= all)
        rmSync(ballast)
      })
    } finally {
      volume.remove()
    }
  },
}

async function registerBystander({ url }: Company): Promise<void> {
  await operate(url, 'POST', '/v1/tenants', { id: bystander.tenantId, name: 'Bystander' })
}

/** Takes all the room there is, most of it without writing. */
function fill(file: string): void {
  const { bavail, bsize } = statfsSync(dirname(file))
  spawnSync('fallocate', ['-l', String(Math.floor(bavail * bsize * 0.98)), file])
  for (const bytes of [1 << 20, 1 << 12]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

/** Whether a publisher is told so, by the one answer that is meant for it. @throws Error for any other */
async function isRefused(url: string): Promise<boolean> {
  const body = JSON.stringify({ ...bystander, data: { text: 'x'.repeat(200_000) } })
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
  for (let probe = 0; probe < mostProbes; probe++) {
    const response = await fetch(`${url}/v1/events`, { method: 'POST', headers, body })
    const text = await response.text()
    if (response.status === 201) continue
    if (response.status === 503 && text.includes('storage_unavailable')) return true
    throw new Error(`a full disk was answered with ${response.status}: ${text}`)
  }
  return false
}
