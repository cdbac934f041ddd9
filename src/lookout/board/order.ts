import type { DrainView } from './view.ts'

/** A drain, and when it began by whatever clock compares them. */
export interface Placed {
  readonly view: DrainView
  readonly startedAtMs: number
}

/** Those under way first, and of them those that may end badly; then those that ended, the latest first. */
export function inOrder(a: Placed, b: Placed): number {
  const [rankA, rankB] = [rankOf(a.view), rankOf(b.view)]
  if (rankA !== rankB) return rankA - rankB
  const [atA, atB] = [a, b].map(({ view, startedAtMs }) => startedAtMs + (view.endedMs ?? 0))
  const age = (atA ?? 0) - (atB ?? 0)
  if (age !== 0) return isOver(a.view) ? -age : age
  return nameOf(a.view) < nameOf(b.view) ? -1 : 1
}

function rankOf(view: DrainView): number {
  if (isOver(view)) return 2
  return mayEndBadly(view) ? 0 : 1
}

export function isOver({ state }: DrainView): boolean {
  return state !== 'draining'
}

/** Something is in its way, or its time will be up before it is expected to end. */
export function mayEndBadly({ state, trouble, expectedMs, deadlineMs }: DrainView): boolean {
  return state === 'draining' && (trouble !== undefined || (expectedMs ?? 0) > deadlineMs)
}

/** Requests may have been lost, or nobody knows. */
export function endedBadly({ state, severity }: DrainView): boolean {
  return state === 'lost' || (state === 'released' && severity === 'warning')
}

export function nameOf({ namespace, pod }: DrainView): string {
  return `${namespace}/${pod}`
}
