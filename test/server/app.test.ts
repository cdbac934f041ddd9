import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { DrainEnd } from '../../src/drain/judgement/outcome.ts'
import type { buildApp } from '../../src/server/app.ts'
import { endOf, hookServer } from '../support/hook-server.ts'

t.test('GET and POST /prestop are held until the drain ends', async (t) => {
  const { app, release, hooks } = hookServer()
  const answers = [
    app.inject({ url: '/prestop' }),
    app.inject({ method: 'POST', url: '/prestop', payload: 'anything' }),
    app.inject({
      method: 'POST',
      url: '/prestop/?why=now',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    }),
  ]
  while (hooks() < 3) await setTimeout(1)
  release()
  for (const answer of await Promise.all(answers)) {
    t.equal(answer.statusCode, 200)
    t.match(answer.headers['content-type'], /json/)
    t.match(answer.json(), { outcome: 'deregistered', heldSeconds: 1.5 })
  }
})

t.test('each hook is answered with what came of it, whatever comes of others', async (t) => {
  const [first, second] = [
    Promise.withResolvers<DrainEnd>(),
    Promise.withResolvers<DrainEnd>(),
  ] as const
  const ends = [first.promise, second.promise, second.promise]
  const { app } = hookServer({ hook: () => ends.shift() ?? first.promise })
  const answers = ends.map(() => app.inject({ url: '/prestop' }))
  first.resolve(endOf('deadline', 2_000))
  t.match((await answers[0])?.json(), { outcome: 'deadline', heldSeconds: 2 })
  second.resolve(endOf('deregistered', 5_000))
  for (const answer of await Promise.all(answers.slice(1))) {
    t.match(answer.json(), { outcome: 'deregistered', heldSeconds: 5 })
  }
})

t.test('health and status', async (t) => {
  const { app } = hookServer()
  for (const url of ['/livez', '/readyz', '/status', '/metrics']) {
    t.equal((await app.inject({ url })).statusCode, 200)
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
  }
  t.strictSame((await app.inject({ url: '/status' })).json(), { state: 'idle' })
})

t.test('metrics are text of the version that Prometheus reads', async (t) => {
  const { app } = hookServer()
  const { headers, body } = await app.inject({ url: '/metrics' })
  t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.equal(body, 'draingate_hooks_held 1\n')
  t.equal((await app.inject({ method: 'POST', url: '/metrics' })).statusCode, 405)
})

t.test('what is not there, and what is not done so', async (t) => {
  const { app, hooks } = hookServer()
  for (const url of ['/', '/prestop/x', '/%2e%2e', '/constructor', '//']) {
    t.equal((await app.inject({ url })).statusCode, 404, url)
  }
  for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
    const answer = await app.inject({ method, url: '/prestop?x=1' })
    t.equal(answer.statusCode, 405, method)
    t.equal(answer.headers.allow, 'GET, POST')
  }
  t.equal((await app.inject({ method: 'POST', url: '/livez' })).statusCode, 405)
  t.equal(hooks(), 0, 'none of them was a hook')
})

t.test('too much, too long, malformed: refused, and the server lives', async (t) => {
  const { app, hooks } = hookServer()
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const large = await app.inject({ method: 'POST', url: '/prestop', payload: 'x'.repeat(5_000) })
  t.equal(large.statusCode, 413)
  t.match(await raw(app, 'not http at all\r\n\r\n'), /^HTTP\/1.1 400/)
  t.match(
    await raw(app, `GET /livez HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1.1 431/,
  )
  t.match(await raw(app, 'BREW /prestop HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 4/)
  t.match(
    await raw(app, 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1.1 4/,
  )
  const get = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  t.match(await raw(app, get), /^HTTP\/1.1 200/)
  t.equal(hooks(), 0)
})

t.test('a caller that hangs up ends nothing for the others', async (t) => {
  const { app, release, hooks } = hookServer()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const leaver = new AbortController()
  const left = fetch(`${url}/prestop`, { signal: leaver.signal }).catch(() => 'left')
  const stayed = fetch(`${url}/prestop`)
  while (hooks() < 2) await setTimeout(1)
  leaver.abort()
  t.equal(await left, 'left')
  release()
  t.match(await (await stayed).json(), { outcome: 'deregistered' })
})

t.test('no time-out of the server cuts a held hook', async (t) => {
  const { app } = hookServer()
  await app.ready()
  t.equal(app.server.timeout, 0)
  // A request has to arrive, but a process that was starved for seconds must not answer 408.
  t.equal(app.server.headersTimeout, 60_000)
  t.equal(app.server.requestTimeout, 60_000)
})

function raw(app: ReturnType<typeof buildApp>, text: string): Promise<string> {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(address.port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
