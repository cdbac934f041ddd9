/** Takes the picture of the page that the docs show: `node test/support/board/picture.ts image/drains.png` */
import { openBrowser } from './browser.ts'
import { manyDrains, startStage } from './stage.ts'

const stage = await startStage(manyDrains(30))
const browser = await openBrowser()
const page = await browser.newPage({
  viewport: { width: 1_200, height: 860 },
  colorScheme: 'light',
})
await page.goto(stage.url)
await page.locator('[data-connection=live]').waitFor()
await page.screenshot({ path: process.argv[2] ?? 'image/drains.png' })
await browser.close()
await stage.close()
