/** One request to the lab's AWS and how it was answered. */
export interface Call {
  /** When it arrived, on the lab's monotonic clock. */
  atMs: number
  action: string
  /** Who asked, unknown for a request that was not signed by a key of the lab. */
  caller?: string
  groupArn?: string
  /** How many targets it named: 0 is a listing. */
  named: number
  /** `OK`, or the error code. */
  code: string
  /** The kind of the fault that the answer was made with. */
  fault?: string
}

export interface Calls {
  add(call: Call): void
  /** The most recent calls, oldest first. */
  list(): Call[]
  /** How many calls there have been, forgotten ones included; of one action, of one code. */
  count(of?: { action?: string; code?: string }): number
  /** Every number that `count` adds up: `DescribeTargetHealth OK` to how many. */
  counters(): Record<string, number>
  clear(): void
}

/** A log of the last `length` calls, with counters over all. */
export function createCalls(length = 10_000): Calls {
  const counters = new Map<string, { action: string; code: string; count: number }>()
  let recent: Call[] = []
  return {
    add(call) {
      recent.push(call)
      // Cutting in halves, for a shift on each call would cost the whole log's length each time.
      if (recent.length > 2 * length) recent = recent.slice(-length)
      const { action, code } = call
      const key = `${action} ${code}`
      counters.set(key, { action, code, count: (counters.get(key)?.count ?? 0) + 1 })
    },
    list: () => recent.slice(-length),
    count({ action, code } = {}) {
      let total = 0
      for (const counter of counters.values()) {
        const wanted = (action ?? counter.action) === counter.action
        if (wanted && (code ?? counter.code) === counter.code) total += counter.count
      }
      return total
    },
    counters: () => Object.fromEntries([...counters].map(([key, { count }]) => [key, count])),
    clear() {
      recent = []
      counters.clear()
    },
  }
}
