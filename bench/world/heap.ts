/** A queue that gives out the least first. */
export interface Heap<T> {
  push(item: T): void
  /** Takes the least out; undefined when there is none. */
  pop(): T | undefined
}

/**
 * A binary heap: ten thousand sleepers cost each wake a dozen comparisons, not ten thousand.
 *
 * @param isBefore Whether the first comes out before the second.
 */
export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  return {
    push(item) {
      let at = items.length
      items.push(item)
      while (at > 0) {
        const above = (at - 1) >> 1
        const parent = items[above]
        if (parent === undefined || !isBefore(item, parent)) break
        items[at] = parent
        at = above
      }
      items[at] = item
    },
    pop() {
      const [least] = items
      const last = items.pop()
      if (last !== undefined && items.length > 0) sink(items, last, isBefore)
      return least
    },
  }
}

/** Puts an item where the least was, and lets it down to its place. */
function sink<T>(items: T[], item: T, isBefore: (a: T, b: T) => boolean): void {
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    let child = items[below]
    if (child === undefined) break
    const other = items[below + 1]
    if (other !== undefined && isBefore(other, child)) {
      child = other
      below += 1
    }
    if (!isBefore(child, item)) break
    items[at] = child
    at = below
  }
  items[at] = item
}
