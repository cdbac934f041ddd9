import { counted, make, say } from './dom.ts'

/** One element of a list, which shows one item after the other. */
export interface Item<T> {
  readonly element: HTMLElement
  show(item: T): void
  /** It is shown no longer. */
  readonly leave?: () => void
}

export interface ListDeps<T> {
  readonly parent: HTMLElement
  readonly keyOf: (item: T) => string
  readonly makeItem: () => Item<T>
  /** How many are shown before somebody asks for all. */
  readonly most: number
  /** What one of them is called, and several. */
  readonly names: readonly [one: string, many: string]
}

/** Shows items in their order, and moves only the elements whose place is another. */
export function createList<T>({ parent, keyOf, makeItem, most, names }: ListDeps<T>) {
  const shown = new Map<string, Item<T>>()
  const more = make('button', 'more')
  more.type = 'button'
  let [limit, latest]: [number, readonly T[]] = [most, []]
  more.addEventListener('click', () => {
    limit = limit === most ? Infinity : most
    show(latest)
  })

  function show(items: readonly T[]): void {
    latest = items
    const within = items.slice(0, limit)
    const keys = new Set(within.map(keyOf))
    for (const [key, item] of shown) {
      if (keys.has(key)) continue
      item.element.remove()
      item.leave?.()
      shown.delete(key)
    }
    let next = parent.firstElementChild
    for (const each of within) {
      const item = shown.get(keyOf(each)) ?? add(keyOf(each))
      item.show(each)
      if (item.element === next) next = next.nextElementSibling
      else parent.insertBefore(item.element, next)
    }
    more.hidden = items.length <= most
    say(more, limit === most ? `Show all ${counted(items.length, ...names)}` : 'Show fewer')
  }

  function add(key: string): Item<T> {
    const item = makeItem()
    shown.set(key, item)
    return item
  }
  return { show, more, shown }
}
