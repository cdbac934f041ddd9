import { type Axis, axisOf, percentOf, spanOf } from '../axis.ts'
import { isOver, type Placed } from '../order.ts'
import { durationOf } from '../words.ts'
import { every, now } from './clock.ts'
import { byId, make } from './dom.ts'
import { type DrainItem, makeDrainRow } from './drain-row.ts'
import { createList } from './list.ts'

export interface DrainTable {
  /** In their order: those under way, then those that ended. */
  show(drains: readonly Placed[]): void
  /** Whether time passes: what is old must not look as if it went on. */
  setGoing(state: 'live' | 'lost'): void
}

/** The table of all drains. Only rows that are on the screen are drawn as time passes. */
export function createDrainTable(): DrainTable {
  const table = byId('drain-table')
  let [axis, going, latest]: [Axis, 'live' | 'lost', readonly Placed[]] = [axisOf([]), 'lost', []]
  const [items, onScreen] = [new Map<Element, DrainItem>(), new Set<DrainItem>()]
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const item = items.get(target)
      if (!item) continue
      if (isIntersecting) onScreen.add(item)
      else onScreen.delete(item)
    }
  })

  const listIn = (id: string, most: number) => {
    const parent = byId(id)
    const list = createList({
      ...{ parent, most, makeItem },
      keyOf: ({ view }: Placed) => view.uid,
      names: ['drain', 'drains'],
    })
    byId(`${id}-more`).append(list.more)
    return list
  }
  const [running, ended] = [listIn('running', 100), listIn('ended', 25)]

  function makeItem(): DrainItem {
    const item = makeDrainRow(() => axis)
    items.set(item.element, item)
    observer.observe(item.element)
    const leave = () => {
      observer.unobserve(item.element)
      items.delete(item.element)
      onScreen.delete(item)
    }
    return { ...item, leave }
  }

  function show(drains: readonly Placed[]): void {
    latest = drains
    const wanted = axisOf(drains.map(({ view, startedAtMs }) => spanOf(view, now() - startedAtMs)))
    if (wanted.endMs !== axis.endMs) {
      axis = wanted
      drawAxis(axis)
    }
    const over = drains.filter(({ view }) => isOver(view))
    running.show(drains.filter(({ view }) => !isOver(view)))
    ended.show(over)
    table.hidden = drains.length === 0
    byId('ended-head').hidden = over.length === 0
  }

  every(1_000, () => {
    if (going === 'lost') return
    for (const item of onScreen) item.tick()
    // What goes on may have come to the end of the axis.
    if (latest.some(({ view }) => !isOver(view))) show(latest)
  })
  drawAxis(axis)
  return {
    show,
    setGoing(state) {
      going = state
    },
  }
}

function drawAxis(axis: Axis): void {
  const count = Math.floor(axis.endMs / axis.tickMs)
  const ticks = Array.from({ length: count + 1 }, (_, index) => {
    const tick = make('span', '', index === 0 ? 'hook' : durationOf(index * axis.tickMs))
    tick.style.left = `${percentOf(index * axis.tickMs, axis)}%`
    return tick
  })
  byId('axis').replaceChildren(...ticks)
  byId('drain-table').style.setProperty('--tick', `${percentOf(axis.tickMs, axis)}%`)
}
