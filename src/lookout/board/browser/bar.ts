import { type Axis, percentOf } from '../axis.ts'
import { endedBadly, mayEndBadly } from '../order.ts'
import type { DrainView } from '../view.ts'
import { durationOf, phaseWords, standWords } from '../words.ts'
import { make } from './dom.ts'

/** A drain on the time axis: the phases of its targets, below them its hook, and marks. */
export interface Bar {
  readonly element: HTMLElement
  /** Something is otherwise than it was. */
  show(view: DrainView, axis: Axis, agoMs: number): void
  /** Only time has passed. */
  grow(view: DrainView, axis: Axis, agoMs: number): void
}

export function makeBar(): Bar {
  const element = make('div', 'bar')
  element.setAttribute('role', 'img')
  const [phases, hook] = [make('div'), make('span', 'hook')]
  const [expected, deadline] = [make('span', 'expected'), make('span', 'deadline')]
  element.append(phases, hook, expected, deadline)

  function grow(view: DrainView, axis: Axis, agoMs: number): void {
    const endMs = view.endedMs ?? agoMs
    view.phases.forEach(({ fromMs }, index) => {
      const part = phases.children[index]
      if (!(part instanceof HTMLElement)) return
      place(part, fromMs, view.phases[index + 1]?.fromMs ?? endMs, axis)
    })
    place(hook, 0, endMs, axis)
  }
  return {
    element,
    grow,
    show(view, axis, agoMs) {
      const names = view.phases.map(({ phase }) => phase)
      while (phases.children.length > names.length) phases.lastElementChild?.remove()
      while (phases.children.length < names.length) phases.append(make('span'))
      names.forEach((name, index) => {
        phases.children[index]?.setAttribute('class', `part ${name}`)
      })
      mark(expected, view.endedMs === undefined ? view.expectedMs : undefined, axis)
      mark(deadline, view.deadlineMs, axis)
      expected.classList.toggle('late', mayEndBadly(view))
      hook.classList.toggle('over', view.endedMs !== undefined)
      hook.classList.toggle('badly-ended', endedBadly(view))
      element.setAttribute('aria-label', wordsOf(view))
      element.title = wordsOf(view)
      grow(view, axis, agoMs)
    },
  }
}

function place(part: HTMLElement, fromMs: number, toMs: number, axis: Axis): void {
  const [from, to] = [percentOf(fromMs, axis), percentOf(toMs, axis)]
  part.style.left = `${from}%`
  part.style.width = `${Math.max(0, to - from)}%`
}

function mark(element: HTMLElement, atMs: number | undefined, axis: Axis): void {
  element.hidden = atMs === undefined
  element.style.left = `${percentOf(atMs ?? 0, axis)}%`
  // At the edge for want of room, and not because it is there.
  element.classList.toggle('beyond', (atMs ?? 0) > axis.endMs)
}

/** The bar in words, with nothing in it that only time changes. */
function wordsOf(view: DrainView): string {
  const { phases, endedMs, expectedMs, deadlineMs } = view
  const stretches = phases.map(({ phase, fromMs }, index) => {
    const toMs = phases[index + 1]?.fromMs ?? endedMs
    const until = toMs === undefined ? '' : ` to ${durationOf(toMs)}`
    return `${phaseWords[phase]} from ${durationOf(fromMs)}${until}`
  })
  const end = endedMs === undefined ? expectedMs : undefined
  return [
    ...stretches,
    ...(endedMs === undefined ? [] : [`${standWords(view)} at ${durationOf(endedMs)}`]),
    ...(end === undefined ? [] : [`expected to end at ${durationOf(end)}`]),
    `deadline at ${durationOf(deadlineMs)} after the hook`,
  ].join(', ')
}
