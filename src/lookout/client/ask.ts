import { at, numberAt, textAt } from '../../cluster/json.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { type Address, type Addresses, nameOf } from './addresses.ts'
import type { BrokenOff, Exchange } from './exchange.ts'
import { readToken, type Self } from './token.ts'

/** What a lookout answered. */
export interface Told<A> {
  readonly kind: 'told'
  readonly answer: A
  /** When what it says was asked for, or somewhat before, in monotonic milliseconds. */
  readonly askedAtMs: number
  /** It knows no better, nor does any other: it has lost its way to AWS, or to the API server. */
  readonly lost?: Failure
}

/** No lookout answered. */
export interface Unanswered {
  readonly kind: 'unanswered'
  readonly failure: Failure
}

export interface Asking<A> {
  /** The path below `/v1/`. */
  readonly question: string
  /** `forMs`: for how long it has been put to others. */
  readonly body: (forMs: number) => object
  /** What is asked about: says which lookout comes first. */
  readonly thing: string
  /** Undefined for what is no answer to this question. */
  readonly read: (answer: unknown) => A | undefined
  /** Why another lookout may know better. */
  readonly lost?: (answer: A) => Failure | undefined
}

/** Neither rejects. */
export interface Asker {
  /** Puts a question to one lookout after the other, until one answers. */
  ask: Ask
  /** Puts it to each of them: by name, why it has not answered, if it has not. */
  each<A>(asking: Asking<A>, signal: AbortSignal): Promise<ReadonlyMap<string, Failure | 'answers'>>
}

export type Ask = <A>(asking: Asking<A>, signal: AbortSignal) => Promise<Told<A> | Unanswered>

export interface AskDeps {
  readonly clock: Clock
  readonly addresses: Addresses
  readonly exchange: Exchange
  readonly tokenPath: string
  readonly ownPod: Self
}

export function createAsker(deps: AskDeps): Asker {
  const { clock, addresses, exchange, tokenPath, ownPod } = deps
  return {
    async ask<A>(asking: Asking<A>, signal: AbortSignal) {
      const ready = await prepared(asking.thing)
      if ('said' in ready) return unanswered(ready)
      const firstMs = clock.now()
      let last: Told<A> | Unanswered = unanswered(nowhere)
      for (const address of ready.order) {
        const forMs = clock.now() - firstMs
        const answered = await askOne(address, ready.token, asking, forMs, signal)
        const isGood = answered.kind === 'told' && !answered.lost
        if (isGood || signal.aborted) return answered
        addresses.failed(address)
        // The next one is asked by the next question, which has patience of its own.
        if (answered.kind === 'unanswered' && answered.failure.kind === 'throttled') return answered
        // What one of them says beats that another is not there.
        if (answered.kind === 'told' || last.kind === 'unanswered') last = answered
      }
      return last
    },
    async each(asking, signal) {
      const ready = await prepared(asking.thing)
      if ('said' in ready) return new Map([['lookout', ready]])
      const answers = ready.order.map(async (address) => {
        const answered = await askOne(address, ready.token, asking, 0, signal)
        return [nameOf(address), answered.kind === 'told' ? 'answers' : answered.failure] as const
      })
      return answers.length > 0
        ? new Map(await Promise.all(answers))
        : new Map([['lookout', nowhere]])
    },
  }

  async function prepared(
    thing: string,
  ): Promise<{ token: string; order: readonly Address[] } | Failure> {
    const token = await readToken(tokenPath, ownPod)
    if (typeof token !== 'string') return token
    try {
      return { token, order: await addresses.orderFor(thing) }
    } catch (error) {
      return failureOf('no lookout was found', error)
    }
  }

  async function askOne<A>(
    address: Address,
    token: string,
    { question, body: bodyFor, read, lost: isLost }: Asking<A>,
    forMs: number,
    signal: AbortSignal,
  ): Promise<Told<A> | Unanswered> {
    const sentAtMs = clock.now()
    const who = `lookout ${nameOf(address)}`
    try {
      const path = `/v1/${question}`
      const body = bodyFor(forMs)
      const { status, body: text } = await exchange(address, { path, token, body }, signal)
      const reply = parsed(text)
      const answer = status === 200 ? read(at(reply, 'answer')) : undefined
      if (answer === undefined) return unanswered(refusalOf(who, status, reply))
      // No answer is older than its question, nor from the future, whatever it says of itself.
      const waitedMs = Math.max(0, numberAt(reply, 'waitedMs') ?? 0)
      const lost = isLost?.(answer)
      const askedAtMs = Math.min(sentAtMs + waitedMs, clock.now())
      return { kind: 'told', answer, askedAtMs, ...(lost ? { lost } : {}) }
    } catch (error) {
      return unanswered(failureOf(who, error))
    }
  }
}

const nowhere: Failure = { kind: 'unreachable', said: 'no lookout: its name has no address' }

function unanswered(failure: Failure): Unanswered {
  return { kind: 'unanswered', failure }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusalOf(who: string, status: number, reply: unknown): Failure {
  const why = reply === undefined ? 'an answer that is not JSON' : 'an answer that is none'
  const said = `${who}: ${textAt(reply, 'said') ?? `${why} (HTTP ${status})`}`
  if (status === 401 || status === 403) return { kind: 'denied', said }
  // One that ends while it lets us wait has told a good status by then.
  const isThere = status === 200 && textAt(reply, 'error') === undefined
  return { kind: isThere ? 'malformed' : 'unreachable', said }
}

/** One that has let us wait was there: what ends with it is no outage, but a turn that did not come. */
function failureOf(who: string, error: unknown): Failure {
  const { code, message, isHeard } = error as NodeJS.ErrnoException & Partial<BrokenOff>
  const said = `${who}: ended while it let us wait (${code ?? message})`
  if (isHeard) return { kind: 'throttled', said }
  return { kind: 'unreachable', said: `${who}: ${code ?? message}` }
}
