import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createWaiting, type Waiting } from '../../../src/lookout/server/waiting.ts'
import { until } from '../../support/hook-server.ts'
import { loopback } from '../../support/loopback.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

/** A server of which every request waits for the same answer. */
async function scene(t: Test) {
  const clock = createVirtualClock()
  const waiting: Waiting = createWaiting(clock)
  const answer = Promise.withResolvers<object>()
  const over: Promise<unknown>[] = []
  const { port } = await loopback(t, (_request, response) => {
    over.push(waiting.answer(response, answer.promise).catch((error) => error))
  })
  const ask = (signal?: AbortSignal) => fetch(`http://127.0.0.1:${port}/`, signal ? { signal } : {})
  return { clock, waiting, answer, over, ask }
}

t.test('who need not wait is answered at once', async (t) => {
  const { ask, answer, waiting } = await scene(t)
  answer.resolve({ answer: 1 })
  const response = await ask()
  t.equal(response.headers.get('content-type'), 'application/json')
  t.equal(await response.text(), '{"answer":1}')
  t.equal(waiting.count(), 0)
})

t.test('who waits gets blanks, each two seconds', async (t) => {
  const { ask, answer, waiting, clock } = await scene(t)
  const responses = [ask(), ask()]
  await until(() => waiting.count() === 2)
  for (let nth = 0; nth < 5; nth += 1) await clock.advance(2_000)
  answer.resolve({ answer: 1 })
  for (const response of await Promise.all(responses))
    t.equal(await response.text(), '     {"answer":1}')
  await clock.advance(2_000)
  t.equal(clock.sleepers(), 0, 'nobody is kept company any more')
})

t.test('who hangs up is forgotten', async (t) => {
  const { ask, waiting, over, clock } = await scene(t)
  const leaver = new AbortController()
  const left = ask(leaver.signal)
    .then((response) => response.text())
    .catch(() => 'left')
  const stayed = ask()
  await until(() => waiting.count() === 2)
  await clock.advance(2_000)
  leaver.abort()
  t.equal(await left, 'left')
  await until(() => waiting.count() === 1)
  await clock.advance(4_000)
  await Promise.race(over)
  t.ok(stayed)
})

t.test('at the end all are sent to the other, those who come later too', async (t) => {
  const { ask, waiting, clock } = await scene(t)
  const early = ask()
  await until(() => waiting.count() === 1)
  await clock.advance(2_000)
  const between = ask()
  await until(() => waiting.count() === 2)
  waiting.end()
  for (const response of await Promise.all([early, between, ask()])) {
    t.match(await response.json(), { error: 'ending', said: /ask the other/ })
  }
  t.equal(waiting.count(), 0)
})

t.test('an answer that breaks is one all the same, and the slot is free', async (t) => {
  const { ask, waiting, answer, clock } = await scene(t)
  const early = ask()
  await until(() => waiting.count() === 1)
  await clock.advance(2_000)
  const late = ask()
  await until(() => waiting.count() === 2)
  answer.reject(new TypeError('a bug'))
  for (const response of await Promise.all([early, late])) {
    t.match(await Promise.race([response.json(), setTimeout(1_000, 'nothing')]), {
      error: /./,
      said: /bug/,
    })
  }
  t.equal(waiting.count(), 0)
})

t.test('who has hung up before waits for nothing', async (t) => {
  const clock = createVirtualClock()
  const waiting = createWaiting(clock)
  const ended = Promise.withResolvers<void>()
  const { port } = await loopback(t, (_request, response) => {
    response.once('close', () => {
      void waiting.answer(response, new Promise(() => undefined)).then(ended.resolve)
    })
  })
  const leaver = new AbortController()
  const left = fetch(`http://127.0.0.1:${port}/`, { signal: leaver.signal }).catch(() => 'left')
  await setTimeout(50)
  leaver.abort()
  await left
  t.not(await Promise.race([ended.promise, setTimeout(500, 'waits')]), 'waits')
  t.equal(waiting.count(), 0)
})
