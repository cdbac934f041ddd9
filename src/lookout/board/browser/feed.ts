import type { BoardView, DrainsChange, RatesView } from '../view.ts'
import { after, every, now } from './clock.ts'

export interface Listener {
  board(view: BoardView): void
  drains(change: DrainsChange): void
  rates(view: RatesView): void
  /** Whether what is shown is of now. */
  connection(state: 'live' | 'lost'): void
}

/** The lookout tells something every two seconds: when it has not for so long, it is gone. */
const silenceMs = 7_000
const againMs = 2_000

/** Hears the lookout for as long as the page is open, and connects again whenever it is lost. */
export function hear(listener: Listener): void {
  let [source, heardAtMs] = [connect(), now()]

  function connect(): EventSource {
    const opened = new EventSource('drains/live')
    const on = <T>(event: string, act: (data: T) => void) =>
      opened.addEventListener(event, ({ data }) => {
        heardAtMs = now()
        listener.connection('live')
        act(JSON.parse(data))
      })
    on('board', listener.board)
    on('drains', listener.drains)
    on('rates', listener.rates)
    opened.addEventListener('error', () => {
      listener.connection('lost')
      // Refused, because too many pages are open: a browser does not try that again by itself.
      if (opened.readyState === EventSource.CLOSED) after(againMs, again)
    })
    return opened
  }
  function again(): void {
    source.close()
    source = connect()
    heardAtMs = now()
  }
  every(1_000, () => {
    // A port-forward that lost its pod may keep the connection open.
    if (now() - heardAtMs < silenceMs) return
    listener.connection('lost')
    again()
  })
}
