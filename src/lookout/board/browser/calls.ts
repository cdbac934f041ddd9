import type { BudgetRow, GroupRow, RatesView } from '../view.ts'
import { durationOf, groupName } from '../words.ts'
import { now } from './clock.ts'
import { byId, make, makeRow, numbers, say } from './dom.ts'
import { createList, type Item } from './list.ts'
import { createRates } from './rate.ts'

/** What AWS is asked: by account and Region, and by target group. */
export function createCalls(): { show(view: RatesView): void } {
  const rates = createRates()
  const rateOf = (key: string, count: number) => perSecond(rates.rateOf(key, count, now()))
  const budgets = listIn('budgets', ['account', 'accounts'], budgetKey, () =>
    makeLine(5, (row: BudgetRow) => [
      `${row.account} ${row.region}`,
      `${rateOf(budgetKey(row), row.calls)} of ${row.callsPerSecond.toFixed(1)}`,
      numbers.format(row.calls),
      numbers.format(row.throttled),
      numbers.format(row.waiting),
    ]),
  )
  const groups = listIn(
    'groups',
    ['group', 'groups'],
    ({ group }: GroupRow) => group,
    () =>
      makeLine(6, (row: GroupRow) => [
        groupName(row.group),
        `${row.account} ${row.region}`,
        numbers.format(row.pods),
        rateOf(row.group, row.listings),
        numbers.format(row.throttled),
        row.lastAgoMs === undefined ? 'never' : `${durationOf(row.lastAgoMs)} ago`,
      ]),
  )
  return {
    show(view) {
      budgets.show(view.budgets)
      groups.show(view.groups.toSorted(mostAwaitedFirst))
      byId('calls').hidden = view.budgets.length + view.groups.length === 0
    },
  }
}

const budgetKey = ({ account, region }: BudgetRow) => `${account} ${region}`

function mostAwaitedFirst(a: GroupRow, b: GroupRow): number {
  return b.pods - a.pods || (a.group < b.group ? -1 : 1)
}

function listIn<T>(
  id: string,
  names: readonly [string, string],
  keyOf: (item: T) => string,
  makeItem: () => Item<T>,
) {
  const list = createList({ parent: byId(id), most: 20, names, keyOf, makeItem })
  byId(`${id}-more`).append(list.more)
  return list
}

function makeLine<T>(columns: number, textsOf: (item: T) => readonly string[]): Item<T> {
  const cells = Array.from({ length: columns }, (_, index) => make(index === 0 ? 'th' : 'td'))
  return {
    element: makeRow(...cells),
    show(item) {
      textsOf(item).forEach((text, index) => {
        const cell = cells[index]
        if (cell) say(cell, text)
      })
    },
  }
}

function perSecond(rate: number | undefined): string {
  return rate === undefined ? '–' : rate.toFixed(1)
}
