/** One open connection, as far as it matters here. */
export interface Caller {
  /** The address that it comes from. */
  readonly peer: string
  /** Monotonic milliseconds. */
  readonly cameAtMs: number
  /** Whether its request is still to come, or has come and is a hook that waits. */
  readonly stage: 'asking' | 'held'
}

/**
 * How many connections may be open. One takes 10 KiB, and 20 KiB when it is a held hook: all of them
 * have to fit beside a drain into the 128 MiB that the container may have, or all held hooks end.
 */
export const most = {
  /** Of one peer. Nobody but the node has to call more than a few times. */
  each: 64,
  all: 256,
  /**
   * A peer with as few is left alone while there is anybody else to shed. It may be the node by an address
   * that we do not know: that has a connection for each container with a hook, and some for its probes.
   */
  handful: 16,
} as const

/** A kubelet writes its request as soon as it is connected. Milliseconds. */
const slowAfterMs = 5_000

/**
 * Which connection has to end, so that the others can stay: one of the peer that has the most. The kubelet
 * takes an end without an answer for a release (`runHTTPHandler` in pkg/kubelet/lifecycle/handlers.go), and
 * may be any of them where the node's address is not known: so it is never simply the one that came last.
 *
 * Where there are only peers with a handful each, one that has not asked for long goes first. Only then a
 * peer with a handful loses one: the bound over all goes before, for without it all would end together.
 *
 * @param peers The connections of each peer but the node, the latest last.
 * @param spared A peer that only its own number can make lose one.
 */
export function whomToShed<C extends Caller>(
  peers: ReadonlyMap<string, ReadonlySet<C>>,
  spared: string | undefined,
  now: number,
): C | undefined {
  const callers = [...peers.values()]
  const tooMany = largestOf(callers)
  if (tooMany.size > most.each) return firstToGo(tooMany)
  if (callers.reduce((sum, { size }) => sum + size, 0) <= most.all) return undefined
  const others = [...peers].flatMap(([peer, some]) => (peer === spared ? [] : some))
  const largest = largestOf(others)
  const slow = largest.size > most.handful ? undefined : slowOf(others, now)
  return slow ?? firstToGo(largest)
}

const none: ReadonlySet<never> = new Set()

/** The first of those with the most. */
function largestOf<C>(callers: readonly ReadonlySet<C>[]): ReadonlySet<C> {
  return callers.reduce((largest, some) => (some.size > largest.size ? some : largest), none)
}

function slowOf<C extends Caller>(callers: readonly ReadonlySet<C>[], now: number): C | undefined {
  for (const some of callers) {
    for (const one of some) {
      if (one.stage === 'asking' && one.cameAtMs + slowAfterMs <= now) return one
    }
  }
  return undefined
}

/** Of one peer: silent ones and those that dribble, the longest first; then the latest hook. */
function firstToGo<C extends Caller>(callers: ReadonlySet<C>): C | undefined {
  for (const one of callers) if (one.stage === 'asking') return one
  return [...callers].at(-1)
}
