import type { Axis } from '../axis.ts'
import { endedBadly, isOver, mayEndBadly, type Placed } from '../order.ts'
import { complaintOf, durationOf, groupName, standWords } from '../words.ts'
import { makeBar } from './bar.ts'
import { now } from './clock.ts'
import { make, makeRow, say } from './dom.ts'
import type { Item } from './list.ts'

export interface DrainItem extends Item<Placed> {
  /** A second has passed. */
  tick(): void
}

/** One drain as a row: its name, its bar, how long it held its hook, and where it stands. */
export function makeDrainRow(axis: () => Axis): DrainItem {
  const [pod, where] = [make('span', 'pod'), make('span', 'faint')]
  const [bar, complaint] = [makeBar(), make('p', 'complaint')]
  const [stand, then] = [make('span', 'stand'), make('span', 'faint')]
  const cells = [make('th'), make('td', 'time'), make('td', 'held'), make('td', 'status')] as const
  const [name, time, held, status] = cells
  name.append(pod, where)
  time.append(bar.element, complaint)
  status.append(stand, then)
  const element = makeRow(...cells)
  let latest: Placed | undefined
  let drawn: { placed: Placed; axis: Axis } | undefined

  function tick(): void {
    if (!latest) return
    const { view, startedAtMs } = latest
    const agoMs = now() - startedAtMs
    bar.grow(view, axis(), agoMs)
    say(held, durationOf(view.endedMs ?? agoMs))
    say(then, thenWords(latest, agoMs))
  }
  return {
    element,
    tick,
    show(placed) {
      latest = placed
      const scale = axis()
      // Most rows are as they were: of a thousand only those are drawn that changed.
      if (drawn?.placed === placed && drawn.axis.endMs === scale.endMs) return
      drawn = { placed, axis: scale }
      const { view, startedAtMs } = placed
      say(pod, view.pod)
      say(where, whereWords(placed))
      say(stand, standWords(view))
      say(complaint, complaintOf(view) ?? '')
      element.className = classOf(placed)
      bar.show(view, scale, now() - startedAtMs)
      tick()
    },
  }
}

function classOf({ view }: Placed): string {
  if (endedBadly(view)) return 'drain badly-ended'
  if (mayEndBadly(view)) return 'drain at-risk'
  return isOver(view) ? 'drain well' : 'drain'
}

function whereWords({ view: { namespace, targets } }: Placed): string {
  const names = [...new Set(targets.map(({ group }) => groupName(group)))]
  const groups = names.length > 2 ? [...names.slice(0, 2), `${names.length - 2} more`] : names
  return [namespace, ...groups].join(' · ')
}

function thenWords({ view }: Placed, agoMs: number): string {
  const { endedMs, expectedMs, deadlineMs } = view
  if (endedMs !== undefined) return `${durationOf(agoMs - endedMs)} ago`
  const [ends, atMs] =
    expectedMs === undefined || expectedMs > deadlineMs
      ? ['deadline', deadlineMs]
      : ['ends', expectedMs]
  return atMs > agoMs ? `${ends} in ${durationOf(atMs - agoMs)}` : `${ends} any moment`
}
