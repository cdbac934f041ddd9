import { subscribe } from 'node:diagnostics_channel'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { hookRequest, hookServer, until } from '../support/hook-server.ts'

/** The requests for which Node.js has made objects. */
let made = 0
subscribe('http.server.request.start', () => {
  made += 1
})

t.test('an answer is the only one on its connection, and says so', async (t) => {
  const { app, release } = hookServer()
  release()
  for (const url of ['/prestop', '/livez', '/readyz', '/status', '/metrics', '/none']) {
    t.equal((await app.inject({ url })).headers.connection, 'close', url)
  }
})

t.test('a pipeline ends its connection', async (t) => {
  const { listen, hooks } = hookServer()
  const call = await listen(t)
  const { socket, closed, said } = await call()
  socket.write(hookRequest.repeat(10_000))
  await closed
  t.equal(said(), '')
  t.ok(hooks() <= 1, `${hooks()} hooks`)
})

t.test('so does a second request that comes later', async (t) => {
  const { listen, hooks } = hookServer()
  const call = await listen(t)
  const { socket, closed, said } = await call()
  socket.write(hookRequest)
  await until(() => hooks() === 1)
  socket.write('GET /livez HTTP/1.1\r\nHost: pod\r\n\r\n')
  await closed
  t.equal(said(), '')
})

t.test('whatever the requests are', async (t) => {
  const { listen, hooks } = hookServer()
  const call = await listen(t)
  const pipelines = {
    'without Host': 'GET /prestop HTTP/1.1\r\n\r\n',
    'of HTTP/1.0': 'GET /prestop HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    'with a body': 'POST /prestop HTTP/1.1\r\nHost: pod\r\nContent-Length: 5\r\n\r\nhello',
    'that expect': 'GET /prestop HTTP/1.1\r\nHost: pod\r\nExpect: miracles\r\n\r\n',
    'that upgrade': 'GET /x HTTP/1.1\r\nHost: pod\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n',
    'of CONNECT': 'CONNECT pod:1 HTTP/1.1\r\nHost: pod\r\n\r\n',
  }
  for (const [name, request] of Object.entries(pipelines)) {
    const [hooksBefore, madeBefore] = [hooks(), made]
    const { socket, closed } = await call()
    socket.write(request.repeat(3_000))
    await closed
    t.ok(hooks() - hooksBefore <= 1, `${name}: ${hooks() - hooksBefore} hooks`)
    t.ok(made - madeBefore <= 8, `${name}: ${made - madeBefore} requests made of 3,000`)
  }
})

t.test('a request that comes byte by byte is one request', async (t) => {
  const { listen, hooks, release } = hookServer()
  const call = await listen(t)
  const { socket, closed, said } = await call()
  socket.setNoDelay()
  for (const byte of hookRequest) {
    socket.write(byte)
    await setTimeout(1)
  }
  await until(() => hooks() === 1)
  release()
  await closed
  t.match(said(), /^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*deregistered/i)
})

t.test('a long one, in many pieces, is one as well', async (t) => {
  const { listen, hooks, release } = hookServer()
  const call = await listen(t)
  const { socket, closed, said } = await call()
  const long = `X-Long: ${'x'.repeat(7_000)}\r\nContent-Length: 1000\r\n`
  socket.write(`POST /prestop HTTP/1.1\r\nHost: pod\r\n${long}\r\n${'y'.repeat(1_000)}`)
  await until(() => hooks() === 1)
  release()
  await closed
  t.match(said(), /^HTTP\/1.1 200 /)
})

t.test('a TLS handshake is refused at once: the kubelet tries again in plain', async (t) => {
  const { listen } = hookServer()
  const call = await listen(t)
  const { socket, closed, said } = await call()
  socket.write(Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(506)]))
  await closed
  t.match(said(), /^HTTP\/1.1 400 /)
})
