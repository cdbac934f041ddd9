/** Makes an element with a class and, as text, what it says. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  if (text !== '') element.textContent = text
  return element
}

/** Sets a text only where it is another: what stays as it is costs no layout. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A row of a table. The roles are said, for a table that is laid out as a grid is none to some browsers. */
export function makeRow(...cells: readonly HTMLTableCellElement[]): HTMLTableRowElement {
  const row = make('tr')
  row.setAttribute('role', 'row')
  for (const cell of cells) {
    cell.setAttribute('role', cell.tagName === 'TH' ? 'rowheader' : 'cell')
    if (cell.tagName === 'TH') cell.scope = 'row'
  }
  row.append(...cells)
  return row
}

/** @throws When the page has no such element. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (!element) throw new Error(`#${id}`)
  return element as E
}

export const numbers = new Intl.NumberFormat('en')

/** `1 pod`, `1,000 pods` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`
}
