import type { Source } from '../../cluster/finding/source.ts'
import type { Balancer } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { createAddresses, type Resolve } from './addresses.ts'
import { type Asker, createAsker } from './ask.ts'
import { createBalancer } from './balancer.ts'
import { createExchange } from './exchange.ts'
import { createSource } from './source.ts'
import { createTelling, type Telling } from './telling.ts'
import type { Self } from './token.ts'

/** The lookout as a pod sees it: who looks for it, who knows of its cluster, and whom it tells of its drain. */
export interface Lookout extends Telling {
  readonly balancer: Balancer
  readonly source: Source
  /** Each of the lookouts, and why it has not answered, if it has not. */
  check(signal: AbortSignal): ReturnType<Asker['each']>
}

export interface LookoutDeps {
  readonly urls: readonly URL[]
  readonly tokenPath: string
  readonly ownPod: Self
  /** The CA of a lookout with TLS, as a file. */
  readonly caFile?: string
  readonly clock: Clock
  /** For how long the drain holds a hook when it learns nothing: no question may wait for as long. Milliseconds. */
  readonly fallbackMs: number
  /** Drawn once, from 0 to 1. */
  readonly spread: number
  /** Where pods look for themselves: how many calls a second all of them may make together. */
  readonly callsPerSecond: number
  /** The pod's own access: it is asked when no lookout answers. */
  readonly otherwise?: Otherwise
  readonly resolve?: Resolve
}

export interface Otherwise {
  readonly balancer: Balancer
  readonly source?: Source
}

export function createLookout(deps: LookoutDeps): Lookout {
  const { clock, tokenPath, ownPod, fallbackMs, otherwise } = deps
  const addresses = createAddresses(deps)
  const exchange = createExchange(deps)
  const { ask, each } = createAsker({ clock, addresses, exchange, tokenPath, ownPod })
  return {
    balancer: createBalancer({ ...deps, ask, otherwise: otherwise?.balancer }),
    source: createSource({ ask, clock, fallbackMs, otherwise: otherwise?.source }),
    check: (signal) =>
      each({ question: 'pod', thing: '', body: () => ({}), read: (answer) => answer }, signal),
    ...createTelling({ clock, addresses, exchange, tokenPath, ownPod }),
  }
}
