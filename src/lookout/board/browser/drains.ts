import { inOrder, isOver, nameOf, type Placed } from '../order.ts'
import type { DrainView } from '../view.ts'
import { groupName, standWords } from '../words.ts'
import { now } from './clock.ts'

/** What the page knows of the drains. */
export interface Drains {
  put(views: readonly DrainView[]): void
  remove(uids: readonly string[]): void
  /** These are all. */
  replace(views: readonly DrainView[]): void
  /** Those in whose names or state the text is found, in order. */
  matching(text: string): readonly Placed[]
}

/** A message takes now longer, now shorter: rows must not change places for that. */
const jitterMs = 1_000

export function createDrains(): Drains {
  const drains = new Map<string, Placed>()
  function put(views: readonly DrainView[]): void {
    for (const view of views) {
      const before = drains.get(view.uid)?.startedAtMs ?? -Infinity
      const startedAtMs = now() - view.startedAgoMs
      const isSame = Math.abs(startedAtMs - before) < jitterMs
      drains.set(view.uid, { view, startedAtMs: isSame ? before : startedAtMs })
    }
  }
  return {
    put,
    remove: (uids) => uids.forEach((uid) => void drains.delete(uid)),
    replace(views) {
      const uids = new Set(views.map(({ uid }) => uid))
      for (const uid of drains.keys()) if (!uids.has(uid)) drains.delete(uid)
      put(views)
    },
    matching(text) {
      const words = text
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '')
      return [...drains.values()]
        .filter(({ view }) => words.every((word) => wordsOf(view).includes(word)))
        .sort(inOrder)
    },
  }
}

function wordsOf(view: DrainView): string {
  const groups = view.targets.map(({ group }) => groupName(group))
  const state = isOver(view) ? 'ended' : 'draining'
  return [nameOf(view), ...groups, standWords(view), state].join(' ').toLowerCase()
}
