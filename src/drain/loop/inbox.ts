import type { Fact } from '../knowledge/progress.ts'

/** Facts on their way to the loop of a drain. */
export interface Inbox {
  put(fact: Fact): void
  /** All that came since the last time. */
  take(): readonly Fact[]
  /** Aborts when something has come that was not taken yet. */
  arrived(): AbortSignal
}

export function createInbox(): Inbox {
  let facts: Fact[] = []
  let arrived = new AbortController()
  return {
    put(fact) {
      facts.push(fact)
      arrived.abort()
    },
    take() {
      const taken = facts
      facts = []
      arrived = new AbortController()
      return taken
    },
    arrived: () => arrived.signal,
  }
}
