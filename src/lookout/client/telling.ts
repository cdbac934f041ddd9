import type { Clock } from '../../time/clock.ts'
import type { Addresses } from './addresses.ts'
import type { Exchange } from './exchange.ts'
import { readToken, type Self } from './token.ts'

/** Tells every lookout how a drain stands, so that each of them can show all. */
export interface Telling {
  /** Does not wait, and is not repeated: what comes next says all that this would have. */
  tell(drain: object): void
  /** Resolves when what was last told has been heard, or could not be; after two seconds at the latest. */
  told(): Promise<void>
}

export interface TellingDeps {
  readonly clock: Clock
  readonly addresses: Addresses
  readonly exchange: Exchange
  readonly tokenPath: string
  readonly ownPod: Self
}

/** How long one telling may take, and the next one after it; what changes meanwhile is told in one. */
const patienceMs = 1_000

export function createTelling(deps: TellingDeps): Telling {
  const { clock, addresses, exchange, tokenPath, ownPod } = deps
  let next: object | undefined
  let telling: Promise<void> | undefined

  async function tellAll(): Promise<void> {
    while (next) {
      const body = next
      next = undefined
      const enough = new AbortController()
      const late = clock.sleepUntil(clock.now() + patienceMs, enough.signal)
      await Promise.race([post(body, enough.signal).catch(() => undefined), late])
      enough.abort()
    }
    telling = undefined
  }

  async function post(body: object, signal: AbortSignal): Promise<void> {
    const token = await readToken(tokenPath, ownPod)
    if (typeof token !== 'string') return
    const all = await addresses.orderFor('')
    await Promise.allSettled(
      all.map((one) => exchange(one, { path: '/v1/drain', token, body }, signal)),
    )
  }

  return {
    tell(drain) {
      next = drain
      telling ??= tellAll()
    },
    told: async () => void (await telling),
  }
}
