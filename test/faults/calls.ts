/** What callers can do to the hook. */
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import type { Report } from '../../src/drain/account/report.ts'
import { hookRequest, onePeerOnly } from '../support/hook-server.ts'
import type { Row } from './rows.ts'
import { deregister, hook, leave, pause, stageFor, started, wasFollowed } from './stage.ts'

/** Peers that are not the node; draingate is not told which address is. */
const [peer, another] = ['127.0.0.2', '127.0.0.3']

export const rows: readonly Row[] = [
  {
    fault: 'the caller of the hook is reset, and comes back',
    comesOut: '`deregistered`, one drain',
    byWhen: 'at the true end',
    async play(t) {
      const { stage, sidecar } = await started(t)
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
    fault: '500 callers at once, on the node',
    comesOut: '`deregistered`, the same for all',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start({ HOST_IP: '127.0.0.1' })
      const left = deregister(stage)
      const all = await Promise.all(
        Array.from({ length: 500 }, async () => {
          const report = await (await fetch(`${sidecar.url}/prestop`)).json()
          return (report as Report).outcome
        }),
      )
      await left
      t.equal(new Set(all).size, 1)
      t.match(all[0], /^(de|un)registered$/)
    },
  },
  {
    fault: 'slow-loris: callers that never finish their request',
    comesOut: '`deregistered`; the slow ones do not count, and are cut after a minute',
    byWhen: 'at the true end',
    async play(t) {
      const { stage, sidecar } = await started(t)
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
      const { stage, sidecar } = await started(t)
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
  {
    fault: 'two peers open 2,000 connections and say nothing',
    comesOut: '`deregistered`; each keeps 64, and the node loses none',
    byWhen: 'at the true end',
    async play(t) {
      if (onePeerOnly) return t.plan(0, onePeerOnly)
      const { stage, sidecar } = await started(t)
      const first = await open(sidecar.url, 'GET /prestop HTTP/1.1\r\n')
      const flood = await openMany(t, sidecar.url, 2_000, [peer, another], '')
      await staysOpen(flood, 2 * 64)
      t.equal((await fetch(`${sidecar.url}/readyz`)).status, 200)
      t.notOk(first.closed, 'silent as well, but of another peer')
      const lines = sidecar.log().split('too many connections').length - 1
      t.equal(lines, 4, 'of the first, tenth, hundredth and thousandth')
      wasFollowed(stage, await leave(stage, sidecar))
    },
  },
  {
    fault: 'two peers call 1,000 hooks and wait',
    comesOut: '`deregistered`; each keeps the first 64 of them, and the node all of its own',
    byWhen: 'at the true end',
    async play(t) {
      if (onePeerOnly) return t.plan(0, onePeerOnly)
      const { stage, sidecar } = await started(t)
      const before = hook(stage, sidecar)
      const flood = await openMany(t, sidecar.url, 1_000, [peer, another], hookRequest)
      await staysOpen(flood, 2 * 64)
      wasFollowed(stage, await leave(stage, sidecar))
      wasFollowed(stage, await before)
    },
  },
  {
    fault: 'a hundred peers call ten hooks each and wait',
    comesOut: '`deregistered`; 256 stay, and among them the node, by an address that is not known',
    byWhen: 'at the true end',
    async play(t) {
      if (onePeerOnly) return t.plan(0, onePeerOnly)
      const { stage, sidecar } = await started(t)
      const before = hook(stage, sidecar)
      const peers = Array.from({ length: 100 }, (_, n) => `127.0.1.${n + 1}`)
      const flood = await openMany(t, sidecar.url, 1_000, peers, hookRequest)
      await staysOpen(flood, 255)
      wasFollowed(stage, await leave(stage, sidecar))
      wasFollowed(stage, await before)
    },
  },
]

/** A connection on which something has been said, or which has been ended before it could be. */
async function open(url: string, text: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const { port, hostname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), localAddress })
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  socket.write(text)
  return socket
}

/** One after the other, of each peer in turn. */
async function openMany(
  t: Test,
  url: string,
  count: number,
  peers: readonly string[],
  text: string,
): Promise<Socket[]> {
  const sockets: Socket[] = []
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (let n = 0; n < count; n += 1) sockets.push(await open(url, text, peers[n % peers.length]))
  return sockets
}

async function staysOpen(sockets: readonly Socket[], count: number): Promise<void> {
  while (sockets.filter(({ closed }) => !closed).length !== count) await pause(20)
}
