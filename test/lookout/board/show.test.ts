import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { createBoard } from '../../../src/lookout/board/board.ts'
import { pageOf } from '../../../src/lookout/board/page.ts'
import { type ShowDeps, showBoard } from '../../../src/lookout/board/show.ts'
import type { BudgetRow, GroupRow } from '../../../src/lookout/board/view.ts'
import { arnOf, podId, told } from '../../support/board/drains.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const place = { account: '123456789012', region: 'eu-west-1' }
const group: GroupRow = { ...place, group: arnOf('web'), pods: 2, listings: 9, throttled: 1 }
const budget: BudgetRow = { ...place, callsPerSecond: 5, calls: 12, throttled: 1, waiting: 0 }

function shown(t: Test, more: Partial<ShowDeps> = {}) {
  const clock = createVirtualClock()
  const board = createBoard({ clock })
  const app = Fastify()
  t.teardown(() => app.close())
  showBoard(app, {
    ...{ board, clock, groups: () => [group], budgets: () => [budget] },
    wallClock: () => '2026-11-24T03:00:00.000Z',
    page: pageOf('<style>a{}</style><script>1</script>'),
    ...more,
  })
  return { app, board, clock }
}

t.test('the page may do what it came with, and nothing else', async (t) => {
  const { app } = shown(t)
  const { statusCode, headers, body } = await app.inject('/')
  t.equal(statusCode, 200)
  t.match(headers['content-type'], /^text\/html/)
  t.match(body, '<script>1</script>')
  const policy = String(headers['content-security-policy'])
  t.match(
    policy,
    /^default-src 'none'; script-src 'sha256-a4ayc\/80\/OGda4BO\/1o\/V0etpOqiLx1JwB5S3beHW0s='/,
  )
  t.notMatch(policy, 'unsafe')
  t.equal(headers['cache-control'], 'no-store')
})

t.test('/drains tells all as JSON', async (t) => {
  const { app, board } = shown(t)
  board.put(podId(1), told({ heldMs: 1_500 }))
  const view = (await app.inject('/drains')).json()
  t.match(view, {
    at: '2026-11-24T03:00:00.000Z',
    drains: [{ namespace: 'shop', state: 'draining', startedAgoMs: 1_500, deadlineMs: 326_500 }],
    ...{ groups: [group], budgets: [budget] },
  })
})

t.test('only for those who come from the pod itself, by a local name', async (t) => {
  const { app } = shown(t)
  const codeFor = async (remoteAddress: string, host?: string) => {
    const headers = host === undefined ? {} : { host }
    return (await app.inject({ url: '/drains', remoteAddress, headers })).statusCode
  }
  for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) t.equal(await codeFor(peer), 200)
  // 127.0.0.6 is what Istio's proxy calls from, whoever called it.
  for (const peer of ['10.0.1.7', '127.0.0.6', '::ffff:10.0.1.7', 'fd00::1']) {
    t.equal(await codeFor(peer), 403, peer)
  }
  const local = ['localhost', 'localhost:9000', 'a.localhost', '127.0.0.1:8089', '[::1]:8089', '']
  for (const host of local) t.equal(await codeFor('127.0.0.1', host), 200, host)
  const others = ['rebound.example', 'localhost.example', '127.0.0.1.example', '10.0.0.1', '[::2]']
  for (const host of others) t.equal(await codeFor('127.0.0.1', host), 403, host)
})

t.test('whoever is refused is told what to do', async (t) => {
  const { app } = shown(t)
  for (const url of ['/', '/drains', '/drains/live']) {
    const { statusCode, body } = await app.inject({ url, remoteAddress: '10.0.1.7' })
    t.equal(statusCode, 403)
    t.match(body, /^only from the pod itself: kubectl port-forward [^\n]+\n$/)
  }
})

t.test('live: first all, then what changes, a batch at a time, and a sign of life', async (t) => {
  const { app, board, clock } = shown(t)
  board.put(podId(1), told())
  const answer = app.inject('/drains/live')
  await clock.advance(100)
  board.put(podId(2), told())
  board.put(podId(2), told({ phase: 'draining' }))
  board.put(podId(3), told({ deadlineInMs: 0 }))
  await clock.advance(2_000)
  await app.close()
  const { statusCode, headers, body } = await answer
  t.equal(statusCode, 200)
  t.equal(headers['content-type'], 'text/event-stream')
  const [all, change, beat, ...rest] = eventsIn(body)
  t.match(all, { event: 'board', data: { drains: [{ uid: 'web-1' }], groups: [group] } })
  t.match(change, { event: 'drains', data: { gone: [] } })
  t.strictSame(
    change?.data.drains?.map(({ uid }) => uid),
    ['web-2', 'web-3'],
  )
  t.match(beat, { event: 'rates', data: { groups: [group], budgets: [budget] } })
  t.strictSame(rest, [])
})

t.test('live: what only time changes is told as well', async (t) => {
  const { app, board, clock } = shown(t)
  board.put(podId(1), told({ deadlineInMs: 0 }))
  const answer = app.inject('/drains/live')
  await clock.advance(63_000)
  await clock.advance(15 * 60_000)
  await app.close()
  const changes = eventsIn((await answer).body).filter(({ event }) => event === 'drains')
  t.match(changes, [{ data: { drains: [{ state: 'lost' }] } }, { data: { gone: ['web-1'] } }])
})

t.test('live: sixteen may listen', async (t) => {
  const { app, clock } = shown(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const listeners = Array.from({ length: 16 }, () => listenTo(url))
  const statuses = (await Promise.all(listeners)).map(({ status }) => status)
  t.strictSame(new Set(statuses), new Set([200]))
  const refused = await listenTo(url)
  t.equal(refused.status, 503)
  await refused.body?.cancel()
  const [first] = await Promise.all(listeners)
  await first?.body?.cancel()
  let again = await listenTo(url)
  // The end of a connection takes a moment.
  for (; again.status !== 200; again = await listenTo(url)) await clock.advance(250)
  t.equal(again.status, 200)
})

t.test('live: whoever does not read is sent no more, and is dropped', async (t) => {
  const { app, board, clock } = shown(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const large = Array.from({ length: 16 }, () => ({ ...told().targets[0], reason: 'x'.repeat(80) }))
  const news = { ...told(), targets: large as never, because: 'x'.repeat(600) }
  for (let index = 0; index < 5_000; index++) board.put(podId(index), news)
  // Not `fetch`, which gives up on an answer that nobody holds any more.
  const reader = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  t.teardown(() => reader.destroy())
  reader.on('error', () => undefined).pause()
  const served = once(app.server, 'request')
  reader.write('GET /drains/live HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [, response] = await served
  const dropped = once(response, 'close')
  for (let second = 0; second <= 12; second++) {
    t.equal(response.destroyed, second > 10, `after ${second} s`)
    const kept = response.writableLength
    for (let index = 0; index < 100; index++) board.put(podId(index), news)
    await clock.advance(1_000)
    t.ok(response.writableLength <= kept, 'no more is kept for it')
  }
  await dropped
})

function listenTo(url: string): Promise<Response> {
  return fetch(`${url}/drains/live`)
}

interface Event {
  readonly event: string
  readonly data: { readonly drains?: readonly { readonly uid: string }[] }
}

function eventsIn(body: string): Event[] {
  const parts = body.split('\n\n').filter((part) => part !== '')
  return parts.map((part) => {
    const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? []
    return { event, data: JSON.parse(data) }
  })
}
