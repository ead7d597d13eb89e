import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startReceiver } from '../fixtures/receiver.ts'
import { sendQueues, unacknowledgedBytes } from './kernel-queue.ts'

test("the kernel's table tells what each established connection has not sent yet", () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue:rx_queue tr tm->when',
    '   0: 0100007F:8501 0100007F:AC38 01 000D041B:00000000 01:00000014',
    '   1: 0100007F:1F90 00000000:0000 0A 00000007:00000000 00:00000000',
    '  12: 0100007F:AC38 0100007F:8501 01 00000000:00000000 00:00000000',
  ].join('\n')
  // The second one listens.
  expect([...sendQueues(table)]).toEqual([
    [`${0x8501}:${0xac38}`, 0xd041b],
    [`${0xac38}:${0x8501}`, 0],
  ])
})

test.runIf(process.platform === 'linux')('bytes that a peer does not take are counted', async () => {
  const receiver = await startReceiver({ onConnection: (socket) => void socket.pause() })
  const socket = connect(receiver.port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const isTaken = new Promise<'taken'>((resolve) =>
    socket.write(Buffer.alloc(32 * 1024 * 1024), () => resolve('taken')),
  )
  await Promise.race([isTaken, new Promise(setImmediate)])
  expect(unacknowledgedBytes(socket, performance.now() + 2_000)).toBeGreaterThan(0)
  socket.destroy()
})
