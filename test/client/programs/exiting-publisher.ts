import { Tidings } from '../../../packages/client/src/index.ts'

/** Accepts events and is ended: by a signal from outside, by an end of its own, or by `process.exit()`. */
const [url, key, count, ending] = process.argv.slice(2) as [string, string, string, string]
const publisher = new Tidings({ url, key }).publisher({
  onRefused: ({ error }) => console.log(error.message),
  onRetry: () => console.log('retry'),
})
for (let number = 1; number <= Number(count); number++) {
  await publisher.publish({ tenantId: 29302, type: 'invoice.updated', entityId: String(number) })
}
console.log('accepted')
// What keeps a server's process alive.
if (ending === 'signal') setInterval(() => {}, 60_000)
if (ending === 'exit') process.exit(3)
