/** What callers can do to the hook. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { hookRequest } from '../support/hook-server.ts'
import type { Row } from './rows.ts'
import { deregister, hook, leave, pause, stageFor, wasFollowed } from './stage.ts'

export const rows: readonly Row[] = [
  {
    fault: 'the caller of the hook is reset, and comes back',
    comesOut: '`deregistered`, one drain',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start()
      const first = await open(sidecar.url, hookRequest)
      const left = deregister(stage)
      await pause(500)
      first.resetAndDestroy()
      wasFollowed(stage, await hook(stage, sidecar))
      await left
      const starts = sidecar.log().split('hook called').length - 1
      t.equal(starts, 1)
    },
  },
  {
    fault: '500 callers at once',
    comesOut: '`deregistered`, the same for all',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start()
      const left = deregister(stage)
      const all = await Promise.all(
        Array.from({ length: 500 }, async () => (await fetch(`${sidecar.url}/prestop`)).text()),
      )
      await left
      t.equal(new Set(all).size, 1)
      t.match(JSON.parse(all[0] ?? ''), { outcome: /^(de|un)registered$/ })
    },
  },
  {
    fault: 'slow-loris: callers that never finish their request',
    comesOut: '`deregistered`; the slow ones do not count, and are cut after a minute',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start()
      const slow = await Promise.all(
        Array.from({ length: 50 }, () => open(sidecar.url, 'GET /prestop HTTP/1.1\r\nX: ')),
      )
      const drip = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write('x')
      }, 250)
      t.teardown(() => {
        clearInterval(drip)
        for (const socket of slow) socket.destroy()
      })
      t.equal((await fetch(`${sidecar.url}/readyz`)).status, 200)
      t.match(await (await fetch(`${sidecar.url}/status`)).json(), { state: 'idle' })
      wasFollowed(stage, await leave(stage, sidecar))
    },
  },
  {
    fault: 'a peer sends 100,000 hooks on one connection',
    comesOut: '`deregistered`; that connection is ended, for it may have one request',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start()
      const released = await leave(stage, sidecar, async () => {
        const pipeline = await open(sidecar.url, hookRequest.repeat(100_000))
        while (!pipeline.closed) await pause(10)
        const metrics = await (await fetch(`${sidecar.url}/metrics`)).text()
        t.match(metrics, /^draingate_hooks_held [12]$/m, 'one of them at most')
        await deregister(stage)
      })
      wasFollowed(stage, released)
    },
  },
]

async function open(url: string, text: string): Promise<Socket> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}
