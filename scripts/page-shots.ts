import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type VisitedPage, visitedPages } from '../test/pages/visited-pages.ts'
import { World } from '../test/pages/world.ts'

/** Pictures of the pages for the documents: `npm run pages:shots [name …]`. Those of the documents stay small. */
const looks = [
  { look: 'light', colorScheme: 'light', width: 1280, height: 800 },
  { look: 'dark', colorScheme: 'dark', width: 1280, height: 800 },
  { look: 'phone-light', colorScheme: 'light', width: 390, height: 844 },
  { look: 'phone-dark', colorScheme: 'dark', width: 390, height: 844 },
] as const
const directory = join(import.meta.dirname, '..', 'docs', 'images')
/** A picture weighs no more; the fullest pages are made a little coarser for it. */
const mostBytes = 60_000
const qualities = [0.45, 0.3, 0.15]

const named = process.argv.slice(2)
const chosen: readonly VisitedPage[] =
  named.length === 0 ? visitedPages : visitedPages.filter((name) => named.includes(name))
const world = await World.begin()
const pathOf = await world.traffic()
for (const { look, colorScheme, width, height } of looks) {
  const page = await world.operatorPage('/ui/', { colorScheme, viewport: { width, height } })
  for (const name of chosen) {
    await page.goto(world.server.url + pathOf(name))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
    // A chart's code comes after what is asked for it.
    if (name === 'overview' || name === 'subscription') await page.locator('canvas').first().waitFor()
    writeFileSync(join(directory, `${name}-${look}.webp`), await webp(page))
  }
  await page.context().close()
}
await world.end()

/** The browser's own encoder: there is none among the packages. */
async function webp(page: Page): Promise<Buffer> {
  const png = (await page.screenshot()).toString('base64')
  const canvas = await page.context().newPage()
  const encoded = await canvas.evaluate(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${png}'
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.width
    canvas.height = image.height
    canvas.getContext('2d').drawImage(image, 0, 0)
    return ${JSON.stringify(qualities)}.map((quality) => canvas.toDataURL('image/webp', quality))
  })()`)
  await canvas.close()
  const pictures = (encoded as string[]).map((text) =>
    Buffer.from(text.slice('data:image/webp;base64,'.length), 'base64'),
  )
  return pictures.find(({ length }) => length <= mostBytes) ?? pictures.at(-1)!
}
