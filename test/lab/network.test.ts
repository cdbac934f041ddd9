import { createServer } from 'node:http'
import t from 'tap'
import { createNetwork } from '../../lab/network.ts'

t.test('addresses are ordinary, and never given twice', (t) => {
  const network = createNetwork()
  t.equal(network.nextIp(), '10.0.1.4')
  t.equal(network.nextIp(), '10.0.1.5')
  const ips = Array.from({ length: 62_498 }, () => network.nextIp())
  t.equal(new Set(ips).size, ips.length)
  t.equal(ips.at(-1), '10.0.250.253')
  t.throws(() => network.nextIp(), /no addresses left/)
  t.end()
})

t.test('ports are mapped until their pod is released', async (t) => {
  const network = createNetwork()
  const [a, b] = [await network.attach('10.0.1.4', 80), await network.attach('10.0.1.4', 81)]
  t.not(a, b)
  t.equal(network.resolve('10.0.1.4', 80), a)
  t.equal(network.resolve('10.0.1.4', 81), b)
  t.equal(network.resolve('10.0.1.5', 80), undefined)
  network.release('10.0.1.4')
  t.equal(network.resolve('10.0.1.4', 80), undefined)
})

t.test('a probe hears a status, or nothing', async (t) => {
  const network = createNetwork()
  const server = createServer(({ url, headers }, response) => {
    t.equal(headers.connection, 'close')
    if (url === '/healthz') response.writeHead(204).end()
  })
  const loopback = await network.attach('10.0.1.4', 80)
  const { signal } = new AbortController()
  const ask = (path: string) =>
    network.ask({ ip: '10.0.1.4', port: 80, path, userAgent: 'probe', timeoutMs: 300, signal })

  t.equal(await ask('/healthz'), undefined, 'refused')
  await new Promise<void>((resolve) => server.listen(loopback, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  t.equal(await ask('/healthz'), 204)
  t.equal(await ask('/silent'), undefined, 'too late')
  network.release('10.0.1.4')
  t.equal(await ask('/healthz'), undefined, 'released')
})
