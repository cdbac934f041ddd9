/**
 * The board with made-up drains, for screenshots and tests: `node test/support/board/stage.ts 30` serves one
 * that goes on, with so many drains.
 */
import Fastify from 'fastify'
import { type Board, createBoard } from '../../../src/lookout/board/board.ts'
import { readPage } from '../../../src/lookout/board/page.ts'
import { showBoard } from '../../../src/lookout/board/show.ts'
import type { BudgetRow, GroupRow } from '../../../src/lookout/board/view.ts'
import { type Clock, clock, wallClock } from '../../../src/time/clock.ts'
import { arnOf, blindStory, goodStory, type Story, shortStory } from './drains.ts'

export interface Stage {
  readonly url: string
  readonly board: Board
  close(): Promise<void>
}

interface Cue {
  readonly story: Story
  readonly startedAgoMs: number
}

/** Serves the board on a port of the system's choice, unless one is given. */
export async function startStage(cues: readonly Cue[], port = 0): Promise<Stage> {
  // What is told happened before the stage was there.
  let pastMs: number | undefined
  const now = () => pastMs ?? clock.now()
  const staged: Clock = { now, sleepUntil: clock.sleepUntil }
  const board = createBoard({ clock: staged })
  const startMs = clock.now()
  const news = cues
    .flatMap(({ story: { pod, news }, startedAgoMs }) =>
      news.map(({ atMs, told }) => ({ pod, told, atMs: startMs - startedAgoMs + atMs })),
    )
    .sort((a, b) => a.atMs - b.atMs)
  const past = news.filter(({ atMs }) => atMs <= startMs)
  for (const { pod, told, atMs } of past) {
    pastMs = atMs
    board.put(pod, told)
  }
  pastMs = undefined
  const over = new AbortController()
  void playOn(news.slice(past.length))

  const app = Fastify()
  const count = () => Math.round((clock.now() - startMs) / 800)
  const asked = cues.length > 0
  showBoard(app, {
    ...{ board, clock: staged, wallClock, page: readPage() },
    groups: () => (asked ? groupRows(count()) : []),
    budgets: () => (asked ? budgetRows(count()) : []),
  })
  const url = await app.listen({ host: '127.0.0.1', port })
  return {
    ...{ url, board },
    close() {
      over.abort()
      return app.close()
    },
  }

  async function playOn(rest: typeof news): Promise<void> {
    for (const { pod, told, atMs } of rest) {
      await clock.sleepUntil(atMs, over.signal)
      if (over.signal.aborted) return
      board.put(pod, told)
    }
  }
}

/** Drains of all kinds: most of them under way, some ended, a few of them badly. */
export function manyDrains(count: number): Cue[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 97 === 5) return { story: blindStory(index), startedAgoMs: 95_000 + index }
    if (index % 89 === 7) return { story: blindStory(index), startedAgoMs: 12_000 }
    if (index % 83 === 11) return { story: shortStory(index), startedAgoMs: 210_000 }
    if (index % 79 === 2) return { story: shortStory(index), startedAgoMs: 31_000 }
    if (index % 5 === 1) {
      return { story: goodStory(index, 120_000, 'api'), startedAgoMs: 180_000 + index * 90 }
    }
    return { story: goodStory(index), startedAgoMs: 2_000 + ((index * 7_919) % 240_000) }
  })
}

/** As few as on a quiet day: one in service, one draining, one that ended. */
export const fewDrains: readonly Cue[] = [
  { story: goodStory(1), startedAgoMs: 2_500 },
  { story: goodStory(2), startedAgoMs: 80_000 },
  { story: goodStory(3, 120_000, 'api'), startedAgoMs: 190_000 },
]

function groupRows(calls: number): GroupRow[] {
  const place = { account: '123456789012', region: 'eu-west-1' }
  return [
    {
      group: arnOf('web'),
      ...place,
      pods: 214,
      listings: 1_204 + calls,
      throttled: 3,
      lastAgoMs: 800,
    },
    { group: arnOf('api'), ...place, pods: 0, listings: 377, throttled: 0, lastAgoMs: 61_000 },
    { group: arnOf('search'), ...place, pods: 4, listings: 41, throttled: 0 },
  ]
}

function budgetRows(calls: number): BudgetRow[] {
  const place = { account: '123456789012', region: 'eu-west-1' }
  return [{ ...place, callsPerSecond: 2.5, calls: 1_622 + calls, throttled: 3, waiting: 2 }]
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 30)
  const stage = await startStage(count > 3 ? manyDrains(count) : fewDrains.slice(0, count), 8_089)
  process.stdout.write(`${stage.url}\n`)
}
