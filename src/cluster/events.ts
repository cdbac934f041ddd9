import type { Clock } from '../time/clock.ts'
import type { Refusal } from './api/kubernetes-api.ts'
import type { PodEvent } from './finding/event.ts'
import type { Source } from './finding/source.ts'

export interface Events {
  /** Tells the pod's cluster, without waiting and without a second try; the same reason once a minute. */
  emit(event: PodEvent): void
  /** Resolves when all of them have been told, or could not be; after a second at the latest. */
  told(): Promise<void>
}

export interface EventsDeps {
  readonly source: Pick<Source, 'tell'>
  readonly clock: Clock
  /** Hears of the first one that could not be told, and of no other. */
  readonly untold: (refusal: Refusal) => void
}

const patienceMs = 1_000
/** Whoever calls hooks of a pod that cannot be told to stay ends one drain after the other. */
const againMs = 60_000

export function createEvents({ source, clock, untold }: EventsDeps): Events {
  const pending = new Set<Promise<void>>()
  const emitted = new Map<string, number>()
  let complained = false
  async function post(event: PodEvent): Promise<void> {
    const { signal } = new AbortController()
    const refusal = await source.tell(event, signal)
    if (!refusal || complained) return
    complained = true
    untold(refusal)
  }
  return {
    emit(event) {
      // Of two groups that need more time, each says how much.
      const key = event.reason === 'MisconfiguredGracePeriod' ? event.message : event.reason
      if (clock.now() - (emitted.get(key) ?? -Infinity) < againMs) return
      emitted.set(key, clock.now())
      const posting = post(event).finally(() => pending.delete(posting))
      pending.add(posting)
    },
    async told() {
      const enough = new AbortController()
      const late = clock.sleepUntil(clock.now() + patienceMs, enough.signal)
      await Promise.race([Promise.all(pending), late])
      enough.abort()
    },
  }
}
