import { request } from 'node:https'
import { checkServerIdentity, connect } from 'node:tls'
import t from 'tap'
import { pod, podsPath, startApi } from './api.ts'

t.test('the certificate is good for what a pod may call the server', async (t) => {
  const { server } = await startApi(t)
  const { host, port, ca } = server
  const socket = connect({ host, port, ca, servername: 'localhost' })
  await new Promise((resolve, reject) => socket.on('secureConnect', resolve).on('error', reject))
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  for (const name of ['127.0.0.1', '::1', 'localhost', 'kubernetes.default.svc']) {
    t.equal(checkServerIdentity(name, certificate), undefined, name)
  }
  t.not(certificate.issuer.CN, certificate.subject.CN, 'the CA is another one')
  const other = await startApi(t)
  await t.rejects(
    new Promise((resolve, reject) =>
      request({ host, port, ca: other.server.ca }, resolve).on('error', reject).end(),
    ),
    'nobody else signs for it',
  )
})

t.test('the time of day is that of the API server', async (t) => {
  const { ask, time } = await startApi(t)
  t.equal((await ask('GET', podsPath)).headers.date, 'Tue, 01 Jan 2030 00:00:00 GMT')
  time.wallMs -= 3_600_000
  t.equal((await ask('GET', podsPath)).headers.date, 'Mon, 31 Dec 2029 23:00:00 GMT')
})

t.test('what can go wrong, by path', async (t) => {
  const { ask, server, store } = await startApi(t)
  const path = `${podsPath}/web-1`
  await ask('POST', podsPath, pod('web-1'))
  server.break('/pods/', { kind: 'status', code: 429 })
  t.match(await ask('GET', path), { status: 429, headers: { 'retry-after': '1' } })
  t.equal((await ask('GET', podsPath)).status, 200, 'other paths are well')
  server.break('/pods/', { kind: 'status', code: 500 })
  t.match((await ask('GET', path)).body, { code: 500, reason: 'InternalError' })
  server.break('/pods/', { kind: 'status', code: 503 })
  t.match((await ask('GET', path)).body, { code: 503, reason: 'ServiceUnavailable' })
  server.break('/pods/', { kind: 'status', code: 504 })
  t.equal((await ask('GET', path)).status, 504)
  server.break('/pods/', { kind: 'html' })
  t.match(await ask('GET', path), { status: 200, text: /<html>/ })
  server.break('/pods/', { kind: 'page-not-found' })
  t.match(await ask('GET', path), { status: 404, text: '404 page not found\n' })
  server.break('/pods/', { kind: 'empty' })
  t.strictSame((await ask('GET', path)).body, {})
  server.break('/pods/', { kind: 'truncated' })
  const cut = await ask('GET', path)
  t.equal(cut.body, undefined)
  t.match(cut.text, /^\{/)
  server.break('/pods/', { kind: 'huge' })
  t.ok((await ask('GET', path)).text.length > 10_000_000)
  server.break('/pods/', { kind: 'reset' })
  await t.rejects(ask('GET', path))
  server.break('/pods/', { kind: 'slow', delayMs: 30 })
  t.equal((await ask('GET', path)).status, 200)
  server.break('/other', { kind: 'html' })
  server.mend('/pods/')
  t.equal((await ask('GET', path)).status, 200)
  server.mend()
  t.ok(server.asked.includes(`GET ${path}`))
  t.equal(store.version(), '1')
})

t.test('an end of the lab ends what hangs', async (t) => {
  for (const fault of [
    { kind: 'hang' },
    { kind: 'hang-in-body' },
    { kind: 'slow', delayMs: 600_000 },
  ] as const) {
    const { ask, server } = await startApi(t)
    server.break('/pods', fault)
    const failed = t.rejects(ask('GET', podsPath), fault.kind)
    while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await server.close()
    await failed
  }
})

t.test('a body has a bound', async (t) => {
  const { ask } = await startApi(t)
  await t.rejects(ask('POST', podsPath, 'x'.repeat(4 * 1024 * 1024)))
})
