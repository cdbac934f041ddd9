import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { startLoad, succeeded } from '../../../lab/load/load.ts'
import { clock } from '../../../src/time/clock.ts'

async function serve(t: Test, answer: RequestListener) {
  let connections = 0
  const server = createServer(answer)
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, connections: () => connections }
}

t.test('it sends what was asked for, at the rate asked for, over few connections', async (t) => {
  const { url, connections } = await serve(t, (_request, response) => response.end('ok'))
  const { done } = startLoad({ url, perSecond: 200, durationMs: 500 }, clock)
  const samples = await done
  t.equal(samples.length, 100)
  t.ok(samples.every(succeeded))
  const due = samples.map(({ atMs }) => atMs).sort((a, b) => a - b)
  t.equal(Math.round((due.at(-1) ?? 0) - (due[0] ?? 0)), 495)
  t.ok(connections() < 100)
})

t.test('it does not wait for slow answers, and waits for the last ones', async (t) => {
  const { url } = await serve(t, (_request, response) => void setTimeout(() => response.end(), 300))
  const samples = await startLoad({ url, perSecond: 100, durationMs: 100 }, clock).done
  t.equal(samples.length, 10)
  t.ok(samples.every(({ ms }) => ms >= 295))
})

t.test('errors are samples too', async (t) => {
  const { url } = await serve(t, ({ url: path }, response) => {
    if (path === '/broken') response.writeHead(502).end()
    if (path === '/cut') response.write('x', () => response.destroy())
  })
  const one = { perSecond: 10, durationMs: 100, timeoutMs: 200 }
  const first = async (path: string) =>
    (await startLoad({ url: url + path, ...one }, clock).done)[0]
  const broken = await first('/broken')
  t.match(broken, { status: 502 })
  t.notOk(broken && succeeded(broken))
  t.match(await first('/cut'), { error: 'aborted' })
  t.match(await first('/silent'), { error: 'no answer in 200 ms' })
})

t.test('it is bounded, and stops when it is told to', async (t) => {
  const { url } = await serve(t, () => {})
  const options = { url, perSecond: 100, durationMs: 60_000, timeoutMs: 200, mostInFlight: 3 }
  const load = startLoad(options, clock)
  while (load.samples.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  t.match(load.samples[0], { error: 'too many in flight' })
  const samples = await load.close()
  t.equal(samples, await load.done)
  t.ok(samples.length < 6000)
})
