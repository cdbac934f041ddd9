import type { FastifyInstance } from 'fastify'
import type { Clock, WallClock } from '../../time/clock.ts'
import type { Board } from './board.ts'
import { createLive } from './live.ts'
import { onlyLocal } from './local.ts'
import type { Page } from './page.ts'
import { type BoardView, type BudgetRow, type GroupRow, viewOf } from './view.ts'

export interface ShowDeps {
  readonly board: Board
  readonly groups: () => readonly GroupRow[]
  readonly budgets: () => readonly BudgetRow[]
  readonly clock: Clock
  /** For people: nothing is reckoned by it. */
  readonly wallClock: WallClock
  readonly page: Page
}

/** What is shown is of now, and of no interest to another site. */
const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}

/** Adds the page and what it shows to the lookout's server, for those who come from the pod itself. */
export function showBoard(app: FastifyInstance, deps: ShowDeps): void {
  const { board, clock, wallClock, page } = deps
  const rates = () => ({ groups: deps.groups(), budgets: deps.budgets() })
  const view = (): BoardView => ({
    at: wallClock(),
    drains: board.rows().map((row) => viewOf(row, clock.now())),
    ...rates(),
  })
  const live = createLive({ board, clock, view, rates })
  // Else the app waits for them for ever when it closes.
  app.addHook('preClose', (done) => {
    live.close()
    done()
  })
  const local = { onRequest: onlyLocal }
  app.get('/', local, (_request, reply) =>
    reply
      .headers({ ...headers, 'content-security-policy': page.policy })
      .type('text/html; charset=utf-8')
      .send(page.html),
  )
  app.get('/drains', local, (_request, reply) => reply.headers(headers).send(view()))
  app.get('/drains/live', local, (_request, reply) => {
    if (!live.hasRoom()) {
      return reply.code(503).headers(headers).send({ error: 'too many pages are open' })
    }
    reply.hijack()
    // Its end is that of the connection, which would else outlive the server's.
    const stream = { 'content-type': 'text/event-stream', connection: 'close' }
    reply.raw.writeHead(200, { ...headers, ...stream })
    void live.listen(reply.raw)
    return reply
  })
}
