import { endedBadly, isOver, mayEndBadly, type Placed } from '../order.ts'
import { durationOf } from '../words.ts'
import { now } from './clock.ts'
import { byId, counted, numbers, say } from './dom.ts'

/** All in a few numbers, and the first of them in the title, for a page that is in the background. */
export function showSums(drains: readonly Placed[]): void {
  const running = drains.filter(({ view }) => !isOver(view))
  const pressing = running.filter(({ view }) => mayEndBadly(view))
  const badly = drains.filter(({ view }) => endedBadly(view))
  const ended = drains.length - running.length
  const deadlineMs = Math.min(
    ...running.map(({ view, startedAtMs }) => startedAtMs + view.deadlineMs),
  )
  say(byId('sum-running'), numbers.format(running.length))
  say(byId('sum-deadline'), running.length === 0 ? '–' : durationOf(deadlineMs - now()))
  say(byId('sum-pressing'), numbers.format(pressing.length))
  say(byId('sum-ended'), numbers.format(ended - badly.length))
  say(byId('sum-badly'), numbers.format(badly.length))
  byId('sum-badly').classList.toggle('bad', badly.length > 0)
  byId('sum-pressing').classList.toggle('bad', pressing.length > 0)
  say(
    byId('none'),
    ended === 0 ? 'No pod drains, and none has in the last 15 minutes.' : 'No pod drains.',
  )
  byId('none').hidden = running.length > 0
  byId('how').hidden = drains.length === 0
  document.title = `${counted(running.length, 'drain')} · draingate`
}
