import type { ServerResponse } from 'node:http'
import type { Clock } from '../../time/clock.ts'
import type { Board, BoardChange } from './board.ts'
import { type BoardView, type DrainsChange, type RatesView, viewOf } from './view.ts'

export interface LiveDeps {
  readonly board: Board
  readonly clock: Clock
  readonly view: () => BoardView
  readonly rates: () => RatesView
}

/** Server-sent events for those who have the page open. */
export interface Live {
  /** Whether one more may listen. */
  hasRoom(): boolean
  /** Tells it all, and then what changes, until it goes or is told to. */
  listen(to: ServerResponse): Promise<void>
  close(): void
}

const mostListeners = 16
/** A thousand drains change in the same second: what changes within this time is told together. */
const batchMs = 250
/** The rates are told this often, and so that a page notices when it hears nothing. */
const beatMs = 2_000
/** How long a reader may take for what it was sent before it is dropped. */
const patienceMs = 10_000

export function createLive({ board, clock, view, rates }: LiveDeps): Live {
  const over = new AbortController()
  let listeners = 0

  async function tell(to: ServerResponse, changed: Map<string, BoardChange>, signal: AbortSignal) {
    send(to, 'board', view())
    let [toldAtMs, beatAtMs] = [clock.now(), clock.now()]
    for (;;) {
      await clock.sleepUntil(clock.now() + batchMs, signal)
      if (signal.aborted) return
      const now = clock.now()
      // Whoever has not read the last batch gets no other, so that no more than one is ever kept for it.
      if (to.writableLength > 0) {
        if (now - toldAtMs > patienceMs) return void to.destroy()
        continue
      }
      const isBeat = now - beatAtMs >= beatMs
      if (isBeat) board.sweep()
      if (changed.size > 0) send(to, 'drains', taken(changed, now))
      if (isBeat) send(to, 'rates', rates())
      if (isBeat) beatAtMs = now
      toldAtMs = now
    }
  }

  return {
    hasRoom: () => listeners < mostListeners,
    async listen(to) {
      const gone = new AbortController()
      to.once('close', () => gone.abort())
      // Written to a connection that broke meanwhile.
      to.on('error', () => gone.abort())
      const changed = new Map<string, BoardChange>()
      const unfollow = board.follow((change) => {
        changed.set(change.kind === 'row' ? change.row.pod.uid : change.uid, change)
      })
      listeners += 1
      try {
        await tell(to, changed, AbortSignal.any([gone.signal, over.signal]))
      } finally {
        listeners -= 1
        unfollow()
        to.end()
      }
    },
    close: () => over.abort(),
  }
}

function taken(changed: Map<string, BoardChange>, now: number): DrainsChange {
  const changes = [...changed.values()]
  changed.clear()
  return {
    drains: changes.flatMap((change) => (change.kind === 'row' ? [viewOf(change.row, now)] : [])),
    gone: changes.flatMap((change) => (change.kind === 'gone' ? [change.uid] : [])),
  }
}

function send(to: ServerResponse, event: string, data: unknown): void {
  to.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
