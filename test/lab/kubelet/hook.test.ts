import { Agent, createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { type HookDeps, runHook } from '../../../lab/kubelet/hook.ts'
import { createNetwork } from '../../../lab/network.ts'
import { clock } from '../../../src/time/clock.ts'

const ip = '10.0.1.7'
const hook = { httpGet: { port: 9000, path: '/prestop?grace=30' } }

async function setUp(t: Test, answer: RequestListener): Promise<HookDeps> {
  const network = createNetwork()
  const agent = new Agent({ keepAlive: true })
  const closing = new AbortController()
  const server = createServer(answer)
  const loopback = await network.attach(ip, 9000)
  await new Promise<void>((resolve) => server.listen(loopback, '127.0.0.1', resolve))
  t.teardown(() => {
    closing.abort()
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  const exec = () => t.bailout('no exec here')
  return { ip, network, agent, clock, signal: closing.signal, exec: exec as never }
}

t.test('the call is the kubelet’s', async (t) => {
  const deps = await setUp(t, ({ method, url, httpVersion, headers }, response) => {
    t.strictSame([method, url, httpVersion], ['GET', '/prestop?grace=30', '1.1'])
    t.match(headers, {
      host: '10.0.1.7:9000',
      'user-agent': 'kube-lifecycle/1.36',
      accept: '*/*',
      connection: 'keep-alive',
    })
    t.equal(Object.keys(headers).length, 4)
    response.end('released')
  })
  t.strictSame(await runHook(hook, deps), { kind: 'ended', detail: 'HTTP 200' })
})

t.test('a status is no failure', async (t) => {
  const deps = await setUp(t, (_request, response) => response.writeHead(500).end())
  t.strictSame(await runHook(hook, deps), { kind: 'ended', detail: 'HTTP 500' })
})

t.test('no answer at all is one', async (t) => {
  const deps = await setUp(t, (request) => request.socket.destroy())
  t.match(await runHook(hook, deps), { kind: 'failed', detail: 'socket hang up' })
  const elsewhere = { httpGet: { port: 1, path: '/' } }
  t.match(await runHook(elsewhere, deps), { kind: 'failed', detail: /nothing at 10\.0\.1\.7:1/ })
})

t.test('an answer that breaks off in its body is none', async (t) => {
  const deps = await setUp(t, (_request, response) => {
    response.write('rel', () => response.destroy())
  })
  t.strictSame(await runHook(hook, deps), { kind: 'ended', detail: 'HTTP 200' })
})

t.test('a body is held to its end', async (t) => {
  let released = false
  const deps = await setUp(t, (_request, response) => {
    response.write('holding\n')
    setTimeout(() => {
      released = true
      response.end('released\n')
    }, 50)
  })
  await runHook(hook, deps)
  t.ok(released)
})

t.test('an endless body is read for 10 KiB, and one announced as longer not at all', async (t) => {
  const endless = await setUp(t, (_request, response) => void response.write('x'.repeat(20_000)))
  t.equal((await runHook(hook, endless)).kind, 'ended')
  const announced = await setUp(t, (_request, response) => {
    response.setHeader('content-length', 20_000)
    response.flushHeaders()
  })
  t.equal((await runHook(hook, announced)).kind, 'ended')
})

t.test('a kept connection that was closed meanwhile is no failure', async (t) => {
  let calls = 0
  const deps = await setUp(t, (request, response) => {
    calls += 1
    if (calls === 2) request.socket.resetAndDestroy()
    else response.end()
  })
  await runHook(hook, deps)
  t.equal((await runHook(hook, deps)).kind, 'ended')
  t.equal(calls, 3)
})

t.test('the end of the lab cuts it', async (t) => {
  const deps = await setUp(t, () => {})
  const signal = AbortSignal.timeout(30)
  t.equal((await runHook(hook, { ...deps, signal })).kind, 'failed')
})

t.test('an exec hook needs a command', async (t) => {
  const deps = await setUp(t, () => {})
  t.strictSame(await runHook({ exec: [] }, deps), { kind: 'failed', detail: 'no command' })
})
