import type { Clock } from '../../time/clock.ts'
import { beginRow, type DrainRow, lostBy, newsOf, nextRow, type PodId } from './row.ts'
import type { Told } from './told.ts'

/** What became of a row. */
export type BoardChange =
  | { readonly kind: 'row'; readonly row: DrainRow }
  | { readonly kind: 'gone'; readonly uid: string }

/** The drains of the cluster, as far as they told: those under way, and those that ended lately. */
export interface Board {
  put(pod: PodId, told: Told): void
  /** All of them, in no order. */
  rows(): readonly DrainRow[]
  /** Calls the listener at each change, until what it returns is called. */
  follow(listener: (change: BoardChange) => void): () => void
  /** Notices what only time has changed: drains of which nothing is heard, and those that are old. */
  sweep(): void
}

export interface BoardDeps {
  readonly clock: Pick<Clock, 'now'>
}

/** How long a drain that ended is shown. */
const shownMs = 15 * 60_000
const mostRows = 5_000

export function createBoard({ clock }: BoardDeps): Board {
  const rows = new Map<string, DrainRow>()
  const listeners = new Set<(change: BoardChange) => void>()
  const tell = (change: BoardChange) => listeners.forEach((listener) => void listener(change))

  function keep(row: DrainRow): void {
    rows.set(row.pod.uid, row)
    tell({ kind: 'row', row })
  }
  function drop(uid: string): void {
    rows.delete(uid)
    tell({ kind: 'gone', uid })
  }
  function sweep(): void {
    const now = clock.now()
    for (const row of [...rows.values()]) {
      const lost = lostBy(row, now)
      if (lost) keep(lost)
      if (row.end && now >= row.end.atMs + shownMs) drop(row.pod.uid)
    }
  }
  return {
    put(pod, told) {
      const now = clock.now()
      const row = rows.get(pod.uid)
      const news = row ? newsOf(row, told, now) : 'another'
      if (news === 'none') return
      if (!row && rows.size >= mostRows) {
        const least = oldestEnd(rows.values())
        // More than a person can look at are under way: those that came first are shown.
        if (!least) return
        drop(least.pod.uid)
      }
      keep(row && news === 'this' ? nextRow(row, told, now) : beginRow(pod, told, now))
    },
    rows() {
      sweep()
      return [...rows.values()]
    },
    follow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    sweep,
  }
}

/** Of those that have ended the oldest. */
function oldestEnd(rows: Iterable<DrainRow>): DrainRow | undefined {
  let oldest: DrainRow | undefined
  for (const row of rows) {
    if (row.end && row.end.atMs < (oldest?.end?.atMs ?? Infinity)) oldest = row
  }
  return oldest
}
