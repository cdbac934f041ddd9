/**
 * A process that plays one flood (its argument, as JSON) and then keeps its connections until it is told
 * to stop, by the end of its channel or after a minute: then it says how many of them it has lost.
 */
import { connect, type Socket } from 'node:net'
import type { Flood } from './floods.ts'

export interface Flooding extends Flood {
  readonly port: number
}

/** What it tells: that all of it is there; and at the end, how many connections were ended meanwhile. */
export type Told = { readonly kind: 'up' } | { readonly kind: 'over'; readonly shed: number }

const hook = 'GET /prestop HTTP/1.1\r\nHost: pod\r\n\r\n'
const atATime = 50
const longestMs = 60_000

if (import.meta.main) {
  const { connections, ...flooding } = JSON.parse(process.argv[2] ?? '{}') as Flooding
  const play = playerOf(flooding)
  let left = connections
  let shed = 0
  const one = async () => {
    while (left > 0) {
      left -= 1
      await play(left, () => {
        shed += 1
      })
    }
  }
  const stop = () => {
    process.send?.({ kind: 'over', shed } satisfies Told, () => process.exit())
  }
  process.on('message', stop).on('disconnect', () => process.exit())
  setTimeout(stop, longestMs)
  await Promise.all(Array.from({ length: atATime }, one))
  process.send?.({ kind: 'up' } satisfies Told)
}

/** Opens the nth connection; resolves when the next one can be opened. */
function playerOf({ does, requests, peers, port }: Omit<Flooding, 'connections'>) {
  const pipeline = Buffer.from(hook.repeat(does === 'pipeline' ? requests : 1))
  return async (n: number, lost: () => void): Promise<void> => {
    const localAddress = peerOf(n % peers)
    const socket = connect({ host: '127.0.0.1', port, localAddress })
    socket.on('error', () => undefined).resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // Those that hang up are not lost.
    if (does !== 'hang-up') void closed.then(lost)
    await Promise.race([closed, new Promise((resolve) => socket.once('connect', resolve))])
    if (does === 'silence') return
    await write(socket, pipeline)
    if (does === 'pipeline') await closed
    if (does === 'hang-up') {
      socket.resetAndDestroy()
      await closed
    }
  }
}

function write(socket: Socket, text: Buffer): Promise<void> {
  return new Promise((resolve) => socket.write(text, () => resolve()))
}

/** Never 127.0.0.1, which is the node. */
function peerOf(n: number): string {
  return `127.0.${1 + Math.floor(n / 250)}.${1 + (n % 250)}`
}
