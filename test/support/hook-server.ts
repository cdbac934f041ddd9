import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Report } from '../../src/drain/account/report.ts'
import type { DrainEnd } from '../../src/drain/judgement/outcome.ts'
import { type AppDeps, buildApp } from '../../src/server/app.ts'
import { clock } from '../../src/time/clock.ts'

/** The hook server in front of a drain that a test ends by hand. */
export function hookServer(deps: Partial<AppDeps> = {}) {
  const end = Promise.withResolvers<DrainEnd>()
  let hooks = 0
  const shed: string[] = []
  const app = buildApp({
    hook() {
      hooks++
      return end.promise
    },
    status: reportOf,
    metrics: () => 'draingate_hooks_held 1\n',
    clock,
    node: () => [],
    shed: (peer) => shed.push(peer),
    ...deps,
  })
  return {
    app,
    shed,
    release: () => end.resolve(endOf('deregistered', 1_500)),
    hooks: () => hooks,
    /** Listens, and connects to itself from any address of the loopback network. */
    async listen(t: Test) {
      await app.listen({ host: '127.0.0.1', port: 0 })
      t.teardown(() => app.close())
      return (peer?: string) => callerOf(t, app.server.address(), peer)
    },
  }
}

/** How the wait of a hook ended that came at 0. */
export const endOf = (kind: 'deregistered' | 'deadline', atMs: number): DrainEnd => ({
  ...{ hook: { arrivedAtMs: 0 }, outcome: { kind }, atMs },
})

/** What a hook is answered that ended so; else, that no hook has come. */
export function reportOf(end?: DrainEnd): Report {
  if (!end) return { state: 'idle' }
  return { state: 'released', outcome: end.outcome.kind, heldSeconds: end.atMs / 1_000 }
}

/** A connection of which everything is seen. */
export interface RawCaller {
  readonly socket: Socket
  /** All that came so far. */
  readonly said: () => string
  readonly isOpen: () => boolean
  readonly closed: Promise<unknown>
}

async function callerOf(t: Test, address: unknown, localAddress?: string): Promise<RawCaller> {
  const { port } = address as { port: number }
  const peer = localAddress === undefined ? {} : { localAddress }
  const socket = connect({ host: '127.0.0.1', port, ...peer })
  t.teardown(() => socket.destroy())
  let said = ''
  socket.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  // A connection that is shed is reset, perhaps before it is seen to be open.
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await Promise.race([closed, new Promise((resolve) => socket.once('connect', resolve))])
  return { socket, said: () => said, isOpen: () => !socket.closed, closed }
}

export const hookRequest = 'GET /prestop HTTP/1.1\r\nHost: pod\r\n\r\n'

/** Waits for what has to come. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(2)
}

/** macOS has no loopback address but one, and so no second peer. */
export const onePeerOnly = process.platform === 'linux' ? false : 'a second loopback address'
