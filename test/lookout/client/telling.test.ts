import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createTelling } from '../../../src/lookout/client/telling.ts'
import { answering, broken, type Doing, scriptedLookouts } from '../../support/scripted-lookouts.ts'

const heard = answering(undefined)

function scene(t: Test, ...doings: Doing[]) {
  const lookouts = scriptedLookouts(t, ...doings)
  const telling = createTelling(lookouts)
  const told = () => lookouts.posts.map(({ to, path, body }) => [to, path, body])
  return { ...lookouts, ...telling, heardOf: told }
}

t.test('every lookout is told, though another is away', async (t) => {
  const { tell, told, run, heardOf } = scene(t, broken('ECONNREFUSED'), heard)
  tell({ nth: 1 })
  await run(told())
  t.strictSame(heardOf(), [
    ['10.0.0.1:8089', '/v1/drain', { nth: 1 }],
    ['10.0.0.2:8089', '/v1/drain', { nth: 1 }],
  ])
})

t.test('what changes meanwhile is told in one, the last of it', async (t) => {
  const { tell, told, run, heardOf } = scene(t, heard)
  for (let nth = 1; nth <= 5; nth += 1) tell({ nth })
  await run(told())
  tell({ nth: 6 })
  await run(told())
  t.strictSame(
    heardOf().map(([, , body]) => body),
    [{ nth: 1 }, { nth: 5 }, { nth: 6 }],
  )
})

t.test('one that hangs is not waited for, and the next is told all the same', async (t) => {
  const { posts, clock, exchange, ...deps } = scriptedLookouts(t, heard)
  const hangs: typeof exchange = (to, post, signal) => {
    void exchange(to, post, signal).catch(() => undefined)
    return new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
  }
  const { tell, told } = createTelling({ ...deps, clock, exchange: hangs })
  tell({ nth: 1 })
  while (posts.length === 0) await setTimeout(1)
  tell({ nth: 2 })
  const over = told()
  await clock.advance(1_000)
  while (posts.length === 1) await setTimeout(1)
  await clock.advance(1_000)
  t.equal(await Promise.race([over.then(() => 'told'), setTimeout(200, 'waits')]), 'told')
})

t.test('without a token nobody is told, and nothing breaks', async (t) => {
  const { tell, told, tokenPath, heardOf } = scene(t, heard)
  rmSync(tokenPath)
  tell({ nth: 1 })
  await told()
  t.strictSame(heardOf(), [])
})

t.test('where there was nothing to tell', async (t) => {
  const { told } = scene(t, heard)
  await told()
})
