import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Failure } from '../../../src/drain/ports.ts'
import { buildLookoutApp, type LookoutAppDeps } from '../../../src/lookout/server/app.ts'
import { createWaiting } from '../../../src/lookout/server/waiting.ts'
import { until } from '../../support/hook-server.ts'
import { caller, web } from '../../support/lookout-scene.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const look = { group: web, patienceMs: 20_000 }
const json = { 'content-type': 'application/json' }

/** A lookout's server in front of answers that a test gives by hand; a token is the uid of its pod. */
function scene(deps: Partial<LookoutAppDeps> = {}) {
  const clock = createVirtualClock()
  const waiting = createWaiting(clock)
  const asked: { question: object; uid: string; signal: AbortSignal }[] = []
  const answer = Promise.withResolvers<{ answer: object }>()
  const refused: Failure[] = []
  const app = buildLookoutApp({
    async callers(authorization) {
      const [, uid] = /^Bearer (u-.*)$/.exec(authorization ?? '') ?? []
      if (uid) return { ...caller, uid }
      return authorization === 'Bearer later'
        ? { kind: 'unreachable', status: 503, said: 'no keys yet' }
        : { kind: 'denied', status: 401, said: 'the token is refused' }
    },
    answer(by, question, signal) {
      asked.push({ question, uid: by.uid, signal })
      return answer.promise
    },
    ...{ waiting, heard: () => 'heard', lacking: () => undefined, metrics: () => 'a 1\n' },
    refused: (failure) => void refused.push(failure),
    ...deps,
  })
  const post = (question: string, payload: object | string = look, token = 'u-1', headers = {}) =>
    app.inject({
      ...{ method: 'POST', url: `/v1/${question}`, payload },
      headers: { authorization: `Bearer ${token}`, ...json, ...headers },
    })
  async function listen(t: Test) {
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    t.teardown(() => app.close())
    return (question: string, body: object, signal = new AbortController().signal) =>
      fetch(`${url}/v1/${question}`, {
        ...{ method: 'POST', body: JSON.stringify(body), signal },
        headers: { ...json, authorization: 'Bearer u-1' },
      })
  }
  return { app, clock, waiting, asked, refused, post, listen, give: answer.resolve }
}

t.test('each question is answered to the pod of the token', async (t) => {
  const { post, asked, give } = scene()
  give({ answer: { kind: 'told' } })
  const questions = [
    post('look'),
    post('describe', { group: web, wanted: ['delay'] }, 'u-2'),
    ...[post('pod', {}), post('search', {})],
    post('event', { reason: 'Drained', type: 'Normal', message: 'x' }),
  ]
  for (const { statusCode, headers, body } of await Promise.all(questions)) {
    t.equal(statusCode, 200)
    t.equal(headers['content-type'], 'application/json')
    t.equal(body, '{"answer":{"kind":"told"}}')
  }
  t.strictSame(
    asked.map(({ question, uid }) => [(question as { kind: string }).kind, uid]),
    [
      ['look', 'u-1'],
      ['describe', 'u-2'],
      ['pod', 'u-1'],
      ['search', 'u-1'],
      ['event', 'u-1'],
    ],
  )
})

t.test('who is not believed asks nothing', async (t) => {
  const { post, asked, refused, app } = scene()
  const answer = await post('look', look, 'nobody')
  t.equal(answer.statusCode, 401)
  t.strictSame(answer.json(), { error: 'refused', said: 'the token is refused' })
  const later = await post('drain', {}, 'later')
  t.equal(later.statusCode, 503)
  const bare = await app.inject({ method: 'POST', url: '/v1/pod', payload: {} })
  t.equal(bare.statusCode, 401)
  t.equal(refused.length, 3)
  t.strictSame(asked, [])
})

t.test('what is not asked so', async (t) => {
  const { post, asked, app } = scene({ heard: () => undefined })
  const status = async (...args: Parameters<typeof post>) => (await post(...args)).statusCode
  t.equal(await status('look', {}), 400)
  t.equal(await status('look', '{'), 400)
  t.equal(await status('look', ''), 400)
  t.equal(await status('look', '{"__proto__":{"group":"x"}}'), 400)
  t.equal(await status('look', 'null'), 400)
  t.equal(await status('look', 'group=x', 'u-1', { 'content-type': 'text/html' }), 415)
  t.equal(await status('look', { group: 'x'.repeat(16 * 1_024) }), 413)
  t.equal(await status('drain', {}), 400)
  for (const one of ['nothing', 'constructor', '__proto__', 'Look'])
    t.equal(await status(one), 400, one)
  for (const url of ['/v1', '/v1/', '/v1/look/x', '/v2/look', '/look']) {
    const answer = await app.inject({ method: 'POST', url, payload: look })
    t.ok([400, 401, 404].includes(answer.statusCode), `${url} ${answer.statusCode}`)
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    t.equal((await app.inject({ method, url: '/v1/look' })).statusCode, 404, method)
  }
  t.strictSame(asked, [])
})

t.test('whoever has too many open is told to come again, others are not', async (t) => {
  const { post, asked, give, waiting } = scene()
  const open = Array.from({ length: 64 }, () => post('look'))
  await until(() => asked.length === 64)
  t.match((await post('look')).json(), {
    answer: { kind: 'throttled', said: /too many/, againInMs: 5_000 },
  })
  const other = post('look', look, 'u-2')
  await until(() => asked.length === 65)
  give({ answer: {} })
  for (const { statusCode } of await Promise.all([...open, other])) t.equal(statusCode, 200)
  t.equal(waiting.count(), 0)
  t.strictSame((await post('look')).json(), { answer: {} })
})

t.test('nobody asks past the bound while it is found out who it is', async (t) => {
  const { post, asked } = scene()
  const answers = Array.from({ length: 100 }, () => post('look'))
  await until(() => asked.length >= 64)
  const busy = await Promise.race(answers)
  t.match(busy.json(), { answer: { kind: 'throttled' } })
  t.equal(asked.length, 64)
})

t.test('who hangs up is asked for no more, and its slot is free', async (t) => {
  const { listen, asked, waiting, clock, give } = scene()
  const ask = await listen(t)
  const leaver = new AbortController()
  const left = Array.from({ length: 64 }, () =>
    ask('look', look, leaver.signal).catch(() => 'left'),
  )
  await until(() => asked.length === 64)
  await clock.advance(2_000)
  leaver.abort()
  await Promise.all(left)
  await until(() => waiting.count() === 0)
  t.ok(asked.every(({ signal }) => signal.aborted))
  const again = ask('look', look)
  await until(() => asked.length === 65)
  give({ answer: {} })
  t.strictSame(await (await again).json(), { answer: {} })
})

t.test('who hangs up while it is found out who it is holds nothing', async (t) => {
  const known = Promise.withResolvers<void>()
  const { listen, asked, waiting } = scene({
    callers: async () => {
      await known.promise
      return caller
    },
  })
  const ask = await listen(t)
  const leaver = new AbortController()
  const left = ask('look', look, leaver.signal).catch(() => 'left')
  await setTimeout(50)
  leaver.abort()
  await left
  await setTimeout(50)
  known.resolve()
  await setTimeout(50)
  t.equal(waiting.count(), 0)
  t.ok(asked.every(({ signal }) => signal.aborted))
})

t.test('who waits when it ends is sent to the other, and hears of it before the end', async (t) => {
  const { app, listen, asked, waiting, clock } = scene()
  const ask = await listen(t)
  const early = ask('look', look)
  await until(() => asked.length === 1)
  await clock.advance(2_000)
  const late = ask('search', {})
  await until(() => asked.length === 2)
  waiting.end()
  const closed = app.close()
  for (const response of await Promise.all([early, late])) {
    t.equal(response.status, 200)
    t.match(await response.json(), { error: 'ending', said: /ask the other/ })
  }
  await closed
})

t.test('an answer that breaks frees its slot', async (t) => {
  const { post, waiting } = scene({ answer: () => Promise.reject(new TypeError('a bug')) })
  for (let nth = 0; nth < 70; nth += 1) t.match((await post('look')).json(), { error: 'broken' })
  t.equal(waiting.count(), 0)
})

t.test('health, readiness and metrics', async (t) => {
  const { app } = scene()
  for (const url of ['/livez', '/readyz', '/metrics']) {
    t.equal((await app.inject({ url })).statusCode, 200)
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
    t.equal((await app.inject({ method: 'POST', url, payload: {} })).statusCode, 404)
  }
  const { headers, body } = await app.inject({ url: '/metrics' })
  t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.equal(body, 'a 1\n')
  const { app: young } = scene({ lacking: () => 'no keys yet' })
  const ready = await young.inject({ url: '/readyz' })
  t.equal(ready.statusCode, 503)
  t.strictSame(ready.json(), { status: 'no keys yet' })
  t.equal((await young.inject({ url: '/livez' })).statusCode, 200)
})
