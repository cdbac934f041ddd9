/** How fast something goes that is counted since the lookout started. */
export interface Rates {
  /** How many a second, over the last minute; undefined as long as there is but one count. */
  rateOf(key: string, count: number, atMs: number): number | undefined
}

const rememberedMs = 60_000

export function createRates(): Rates {
  const counts = new Map<string, { atMs: number; count: number }[]>()
  return {
    rateOf(key, count, atMs) {
      const before = counts.get(key) ?? []
      // It is less only when the lookout has started anew.
      const isAnew = (before.at(-1)?.count ?? 0) > count
      const kept = isAnew ? [] : before.filter((one) => one.atMs >= atMs - rememberedMs)
      counts.set(key, [...kept, { atMs, count }])
      const first = kept[0]
      return first && atMs > first.atMs
        ? ((count - first.count) / (atMs - first.atMs)) * 1_000
        : undefined
    },
  }
}
