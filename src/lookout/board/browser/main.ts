import { createBadly } from './badly.ts'
import { createCalls } from './calls.ts'
import { every } from './clock.ts'
import { byId, say } from './dom.ts'
import { createDrainTable } from './drain-table.ts'
import { createDrains } from './drains.ts'
import { hear } from './feed.ts'
import { showSums } from './sums.ts'

const drains = createDrains()
const [table, badly, calls] = [createDrainTable(), createBadly(), createCalls()]
const filter = byId<HTMLInputElement>('filter')
let connection: 'live' | 'lost' = 'lost'

function show(): void {
  showAlways()
  table.show(drains.matching(filter.value))
}

/** What the filter leaves alone: what went wrong is shown whatever somebody looks for. */
function showAlways(): void {
  const all = drains.matching('')
  showSums(all)
  badly.show(all)
}

filter.addEventListener('input', show)
every(1_000, () => {
  if (connection === 'live') showAlways()
})
hear({
  board(view) {
    drains.replace(view.drains)
    show()
    calls.show(view)
  },
  drains({ drains: changed, gone }) {
    drains.put(changed)
    drains.remove(gone)
    show()
  },
  rates: calls.show,
  connection(state) {
    connection = state
    table.setGoing(state)
    document.body.dataset.connection = state
    say(byId('connection'), state === 'live' ? 'live' : 'no connection: what is shown is old')
  },
})
