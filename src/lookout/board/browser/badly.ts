import { endedBadly, nameOf, type Placed } from '../order.ts'
import { complaintOf, durationOf, standWords } from '../words.ts'
import { now } from './clock.ts'
import { byId, counted, make, numbers, say } from './dom.ts'
import { createList, type Item } from './list.ts'

/** Drains that ended the same way for the same reason, the latest first: a thousand pods may have but one. */
interface Kind {
  readonly stand: string
  readonly why: string
  readonly drains: Placed[]
}

/** What ended badly lately, each kind with its sentence. */
export function createBadly(): { show(drains: readonly Placed[]): void } {
  const list = createList({
    ...{ parent: byId('badly-list'), most: 5, makeItem },
    keyOf: ({ stand, why }: Kind) => `${stand} ${why}`,
    names: ['kind', 'kinds'],
  })
  byId('badly-more').append(list.more)
  return {
    show(drains) {
      const kinds = kindsOf(drains.filter(({ view }) => endedBadly(view)))
      list.show(kinds)
      byId('badly').hidden = kinds.length === 0
    },
  }
}

function kindsOf(drains: readonly Placed[]): Kind[] {
  const kinds = new Map<string, Kind>()
  for (const placed of drains) {
    const [stand, why] = [standWords(placed.view), complaintOf(placed.view) ?? '']
    const kind = kinds.get(`${stand} ${why}`) ?? { stand, why, drains: [] }
    kind.drains.push(placed)
    kinds.set(`${stand} ${why}`, kind)
  }
  return [...kinds.values()]
}

function makeItem(): Item<Kind> {
  const element = make('li')
  const [stand, faint] = [make('span', 'stand'), make('span', 'faint')]
  const [why, names] = [make('p'), make('p', 'faint names')]
  element.append(stand, ' ', faint, why, names)
  return {
    element,
    show({ stand: outcome, why: sentence, drains }) {
      const [latest] = drains
      const endedAtMs = latest ? latest.startedAtMs + (latest.view.endedMs ?? 0) : now()
      const ago = `${durationOf(now() - endedAtMs)} ago`
      say(stand, outcome)
      say(faint, `${counted(drains.length, 'pod')}, ${drains.length > 1 ? 'the last ' : ''}${ago}`)
      say(why, sentence)
      say(names, namesOf(drains))
    },
  }
}

const mostNames = 4

function namesOf(drains: readonly Placed[]): string {
  const names = drains.slice(0, mostNames).map(({ view }) => nameOf(view))
  const more = drains.length - names.length
  return more > 0 ? `${names.join(', ')} and ${numbers.format(more)} more` : names.join(', ')
}
