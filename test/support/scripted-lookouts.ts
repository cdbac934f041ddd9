import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import { type Address, type Addresses, nameOf } from '../../src/lookout/client/addresses.ts'
import { createAsker } from '../../src/lookout/client/ask.ts'
import type { Answered, Post } from '../../src/lookout/client/exchange.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** What a lookout does: answers, with which status; or breaks off. */
export type Doing = { readonly status: number; readonly body: string } | Error

export const answering = (answer: unknown, rest: object = {}): Doing => ({
  status: 200,
  body: JSON.stringify({ answer, ...rest }),
})
export const refusing = (status: number, said: string): Doing => ({
  status,
  body: JSON.stringify({ error: 'refused', said }),
})
/** As Node.js says it of a connection. */
export const broken = (code: string): Doing =>
  Object.assign(new Error(`${code} by script`), { code })

const exchangeMs = 20

/** Lookouts 10.0.0.1, 10.0.0.2 and so on, which are asked in this order, each after what its script says. */
export function scriptedLookouts(t: Test, ...doings: Doing[]) {
  const clock = createVirtualClock()
  const directory = t.testdir({ token: 'a-token\n' })
  const order = doings.map(
    (_doing, nth): Address => ({
      url: new URL('http://lookout:8089'),
      ip: `10.0.0.${nth + 1}`,
      port: 8089,
    }),
  )
  const failed: string[] = []
  const posts: (Post & { readonly to: string })[] = []
  const script = [...doings]
  const addresses: Addresses = {
    orderFor: async () => order,
    failed: (address) => failed.push(nameOf(address)),
  }
  const exchange = async (to: Address, post: Post, signal: AbortSignal): Promise<Answered> => {
    posts.push({ ...post, to: nameOf(to) })
    await clock.sleepUntil(clock.now() + exchangeMs, signal)
    const doing = script[order.indexOf(to)] ?? new Error('nobody')
    if (signal.aborted) throw new Error('aborted')
    if (doing instanceof Error) throw doing
    return doing
  }
  /** Lets time pass whenever somebody waits for it: a token is read from a real file. */
  async function run<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (; !isOver; await setTimeout(1)) if (clock.sleepers() > 0) await clock.advance(exchangeMs)
    return promise
  }
  const tokenPath = `${directory}/token`
  const deps = { clock, addresses, exchange, tokenPath, ownPod: {} }
  return { ...deps, run, directory, script, posts, failed, ...createAsker(deps) }
}
