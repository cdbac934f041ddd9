import type { Server } from 'node:net'
import t from 'tap'
import { listen } from '../../src/server/listen.ts'
import { hookServer } from '../support/hook-server.ts'

/** A kernel without IPv6, as far as a server can tell: the system call fails for a `::` address. */
function withoutIpv6(server: Server) {
  const real = server.listen.bind(server)
  server.listen = ((options: { host?: string }, ...rest: []) => {
    if (options.host !== '::') return real(options, ...rest)
    const error = Object.assign(new Error('listen EAFNOSUPPORT'), { code: 'EAFNOSUPPORT' })
    process.nextTick(() => server.emit('error', error))
    return server
  }) as typeof server.listen
}

t.test('[::] takes both families', async (t) => {
  const { app } = hookServer()
  t.teardown(() => app.close())
  const url = await listen(app, { host: '::', port: 0 })
  const { port } = new URL(url)
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
})

t.test('[::] is 0.0.0.0 where the kernel has no IPv6', async (t) => {
  const { app } = hookServer()
  t.teardown(() => app.close())
  withoutIpv6(app.server)
  await listen(app, { host: '::', port: 0 })
  t.match(app.server.address(), { address: '0.0.0.0', family: 'IPv4' })
})

t.test('any other failure is for the caller to tell', async (t) => {
  const { app: taken } = hookServer()
  t.teardown(() => taken.close())
  const { port } = new URL(await listen(taken, { host: '127.0.0.1', port: 0 }))
  const { app } = hookServer()
  t.teardown(() => app.close())
  await t.rejects(listen(app, { host: '127.0.0.1', port: Number(port) }), { code: 'EADDRINUSE' })
})
