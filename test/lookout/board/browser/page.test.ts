import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { noBrowser, openBrowser } from '../../../support/board/browser.ts'
import { podId, told } from '../../../support/board/drains.ts'
import { fewDrains, manyDrains, type Stage, startStage } from '../../../support/board/stage.ts'

let browser: Browser
t.before(async () => {
  if (!noBrowser) browser = await openBrowser()
})
t.teardown(() => browser?.close())

/** The page as somebody has it open; whatever it complains of fails the test. */
async function look(t: Test, stage: Stage, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 }, ...options })
  page.on('pageerror', (error) => t.fail(error.message))
  page.on('console', (message) => t.fail(message.text()))
  page.on('request', (request) => t.ok(request.url().startsWith(stage.url), request.url()))
  await page.goto(stage.url)
  await page.locator('[data-connection=live]').waitFor()
  t.teardown(() => page.close())
  return page
}

async function staged(t: Test, ...args: Parameters<typeof startStage>): Promise<Stage> {
  const stage = await startStage(...args)
  t.teardown(() => stage.close())
  return stage
}

const web = { skip: noBrowser }

t.test('nothing drains', web, async (t) => {
  const page = await look(t, await staged(t, []))
  t.equal(await page.textContent('#none'), 'No pod drains, and none has in the last 15 minutes.')
  t.notOk(await page.isVisible('#drain-table'))
  t.notOk(await page.isVisible('#badly'))
  t.equal(await page.title(), '0 drains · draingate')
})

t.test('three drains, and one of them goes on', web, async (t) => {
  const stage = await staged(t, fewDrains)
  const page = await look(t, stage)
  t.equal(await page.textContent('#sum-running'), '2')
  t.equal(await page.locator('#running tr').count(), 2)
  t.equal(await page.textContent('#ended .stand'), 'deregistered')
  const label = await page.getAttribute('#running tr:first-child .bar', 'aria-label')
  t.match(label, /in service from 2 s to 4 s, draining from 4 s, expected to end at 5 min/)
  const first = page.locator('#running tr').first()
  const before = (await first.locator('.held').textContent()) ?? ''
  await first.locator('.held').filter({ hasNotText: before }).waitFor()
  stage.board.put(podId(9), told({ phase: 'draining', expectedInMs: 290_000 }))
  await page.getByRole('row', { name: podId(9).name }).waitFor()
  t.equal(await page.textContent('#sum-running'), '3')
})

t.test('what ended badly is said once for all that ended so', web, async (t) => {
  const page = await look(t, await staged(t, manyDrains(300)))
  const kinds = await page.locator('#badly-list li').allTextContents()
  t.equal(kinds.length, 2)
  t.match(kinds[0], /^fallback 4 pods, .*DescribeTargetHealth denied/)
  t.match(kinds[1], /^deadline 4 pods, .*set terminationGracePeriodSeconds/)
  const [risk] = await page.locator('#running tr').all()
  t.match(await risk?.textContent(), /its time is up 4 min 9 s before the end that is expected/)
})

t.test('a thousand drains that all change', web, async (t) => {
  const stage = await staged(t, manyDrains(1_000))
  const page = await look(t, stage)
  t.equal(await page.locator('#running tr').count(), 100)
  await page
    .getByRole('button', { name: /Show all \d+ drains/ })
    .first()
    .click()
  const count = await page.locator('#running tr').count()
  t.ok(count > 700, `${count} rows`)
  const tasks = await page.evaluateHandle<number[]>(`(() => {
    const tasks = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)))
      .observe({ entryTypes: ['longtask'] })
    return tasks
  })()`)
  for (let round = 0; round < 4; round++) {
    for (const { pod, told } of stage.board.rows()) {
      if (told.state === 'draining') stage.board.put(pod, { ...told, looks: told.looks + 1 })
    }
    await page.waitForTimeout(500)
  }
  const longest = Math.max(0, ...(await tasks.jsonValue()))
  t.ok(longest < 1_000, `the page stood still for ${longest} ms at most`)
  t.equal(await page.locator('#running tr').count(), count)
})

t.test('the filter', web, async (t) => {
  const page = await look(t, await staged(t, manyDrains(300)))
  await page.getByRole('searchbox').fill('API ended')
  for (const name of await page.locator('.drains .pod').allTextContents()) t.match(name, /^api-/)
  t.equal(await page.locator('#running tr').count(), 0)
  t.ok((await page.locator('#ended tr').count()) > 0)
  t.ok(await page.isVisible('#badly'), 'what went wrong is not hidden by it')
})

t.test('text of drains is text', web, async (t) => {
  const stage = await staged(t, [])
  const page = await look(t, stage)
  const because = '<img src=x onerror="document.title=1"><b>bold</b>'
  const [state, severity, trouble] = ['released', 'warning', because] as const
  stage.board.put({ ...podId(1), name: because }, told({ state, severity, because }))
  stage.board.put({ ...podId(2), name: because }, told({ trouble }))
  await page.locator('#badly').waitFor()
  t.equal(await page.textContent('#badly-list p'), because)
  t.equal(await page.locator('main img, main b').count(), 0)
})

t.test('a lookout that is gone: what is shown says that it is old', web, async (t) => {
  const stage = await startStage(fewDrains)
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(stage.url)
  await page.locator('[data-connection=live]').waitFor()
  await stage.close()
  await page.getByText('no connection: what is shown is old').waitFor()
  const again = await startStage([], Number(new URL(stage.url).port))
  t.teardown(() => again.close())
  await page.locator('[data-connection=live]').waitFor()
  t.equal(await page.textContent('#sum-running'), '0', 'another lookout, and it knows of none')
})

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing is cut off on a narrow screen`, web, async (t) => {
    const viewport = { width: 360, height: 700 }
    const page = await look(t, await staged(t, manyDrains(30)), { colorScheme, viewport })
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    t.ok(await page.locator('#running .bar').first().isVisible())
  })
}

t.test('a table to whoever does not see it', web, async (t) => {
  const page = await look(t, await staged(t, fewDrains), { viewport: { width: 360, height: 700 } })
  const table = page.getByRole('table', { name: 'Drains' })
  t.equal(await table.getByRole('rowheader').count(), 3)
  t.match(await table.getByRole('img').first().getAttribute('aria-label'), /deadline at 5 min 25 s/)
  t.equal(await page.getByRole('status').textContent(), 'live')
})
