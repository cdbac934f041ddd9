import { once } from 'node:events'
import { get, type ServerResponse } from 'node:http'
import t from 'tap'
import { startService } from './service.ts'

t.test('requests go round over kept connections', async (t) => {
  const { target, ask, failures } = await startService(t)
  const a = await target('10.0.1.4', (_request, response) => response.end('a'))
  const b = await target('10.0.1.5', (_request, response) => response.end('b'))
  const bodies: string[] = []
  for (let sent = 0; sent < 10; sent += 1) bodies.push((await ask('/')).body)
  t.equal(bodies.filter((body) => body === 'a').length, 5)
  t.not(bodies[0], bodies[1])
  t.strictSame([a.connections(), b.connections()], [1, 1])
  t.strictSame(failures, [])
})

t.test('method, path, headers and bodies pass both ways', async (t) => {
  const { target, ask } = await startService(t)
  await target('10.0.1.4', (request, response) => {
    t.equal(`${request.method} ${request.url}`, 'POST /echo?x=1')
    t.match(request.headers, {
      'x-color': 'blue',
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
    })
    response.writeHead(201, { 'x-pod': '10.0.1.4' })
    request.pipe(response)
  })
  const body = 'x'.repeat(1_000_000)
  const headers = { 'x-color': 'blue', 'x-forwarded-for': '192.0.2.1' }
  const answer = await ask('/echo?x=1', { method: 'POST', headers, body })
  t.equal(answer.status, 201)
  t.equal(answer.headers['x-pod'], '10.0.1.4')
  t.equal(answer.body, body)
})

t.test('bodies are streamed', async (t) => {
  const { target, alb } = await startService(t)
  const begun = Promise.withResolvers<ServerResponse>()
  await target('10.0.1.4', (_request, response) => {
    response.write('first')
    begun.resolve(response)
  })
  const [answer] = await once(get(alb.url, { agent: false }), 'response')
  t.equal(String((await once(answer, 'data'))[0]), 'first')
  const response = await begun.promise
  response.end('second')
  t.equal(String((await once(answer, 'data'))[0]), 'second')
})

t.test('no target: 503', async (t) => {
  const { ask, failures } = await startService(t)
  const { status, headers } = await ask('/')
  t.equal(status, 503)
  t.equal(headers.server, 'awselb/2.0')
  t.match(failures, [{ status: 503, podIp: undefined, cause: 'no target' }])
})

t.test('a target that refuses, hangs up or has no address: 502', async (t) => {
  const { target, ask, failures, network } = await startService(t)
  const { close } = await target('10.0.1.4', (request) => request.socket.destroy())
  t.equal((await ask('/')).status, 502)
  close()
  t.equal((await ask('/')).status, 502)
  network.release('10.0.1.4')
  t.equal((await ask('/')).status, 502)
  t.match(failures, [
    { status: 502, podIp: '10.0.1.4', cause: 'socket hang up', atMs: Number },
    { status: 502, podIp: '10.0.1.4', cause: /ECONNREFUSED/ },
    { status: 502, podIp: '10.0.1.4', cause: 'nothing at 10.0.1.4:80' },
  ])
})

t.test(
  'a kept connection that the target closes under a request: 502, no second try',
  async (t) => {
    const { target, ask, failures } = await startService(t)
    let requests = 0
    await target('10.0.1.4', (request, response) => {
      requests += 1
      if (requests === 1) response.end()
      else request.socket.resetAndDestroy()
    })
    t.equal((await ask('/')).status, 200)
    t.equal((await ask('/')).status, 502)
    t.equal(requests, 2)
    t.match(failures, [{ status: 502, cause: /ECONNRESET/ }])
  },
)

t.test('an answer that breaks off is a failure, whatever its status was', async (t) => {
  const { target, ask, failures } = await startService(t)
  await target('10.0.1.4', (_request, response) => {
    response.writeHead(200, { 'content-length': 10 })
    response.write('half', () => response.destroy())
  })
  await t.rejects(ask('/'))
  t.match(failures, [{ status: 502, podIp: '10.0.1.4' }])
})

t.test('a silent target: 504', async (t) => {
  const { target, ask, failures } = await startService(t, { requestTimeoutMs: 100 })
  await target('10.0.1.4', () => {})
  t.equal((await ask('/')).status, 504)
  t.match(failures, [{ status: 504, podIp: '10.0.1.4', cause: 'silent for 100 ms' }])
})

t.test('a client that leaves takes its request along, and is no failure', async (t) => {
  const { target, alb, failures } = await startService(t)
  const asked = Promise.withResolvers<ServerResponse>()
  await target('10.0.1.4', (_request, response) => asked.resolve(response))
  const call = get(alb.url, { agent: false })
  call.on('error', () => undefined)
  const response = await asked.promise
  call.destroy()
  await once(response, 'close')
  t.strictSame(failures, [])
})

t.test(
  'draining: new requests until the lag is over, and what is in flight finishes',
  async (t) => {
    const service = await startService(t, { propagationMs: 15_000 })
    const { registry, arn, ask, advance } = service
    const held: ServerResponse[] = []
    const arrived = Promise.withResolvers<void>()
    await service.target('10.0.1.4', (request, response) => {
      if (request.url !== '/slow') return void response.end('old')
      held.push(response)
      arrived.resolve()
    })
    const slow = ask('/slow')
    await arrived.promise
    await service.target('10.0.1.5', (_request, response) => response.end('new'))

    const bodies = async () => [(await ask('/')).body, (await ask('/')).body].sort()
    registry.deregister(arn, [{ id: '10.0.1.4' }])
    t.equal(registry.describe(arn, [{ id: '10.0.1.4' }])[0]?.state, 'draining')
    t.strictSame(await bodies(), ['new', 'old'], 'draining, and still getting requests')
    advance(14_999)
    t.strictSame(await bodies(), ['new', 'old'])
    advance(1)
    t.strictSame(await bodies(), ['new', 'new'], 'the lag is over')
    held[0]?.end('at last')
    t.equal((await slow).body, 'at last')
    t.strictSame(service.failures, [])
  },
)
