import type { Clock } from '../../time/clock.ts'
import type { Budget } from './budget.ts'

/**
 * One answer for all who asked before it was begun. Each is true of a moment between its question and itself, as
 * if everybody had asked alone: nothing is kept, so that nothing can be stale.
 */
export interface Rounds {
  /** Waits for the thing's next turn, in which the API is asked for all who wait for it. */
  ask<A>(thing: string, wait: Wait, work: () => Promise<Worked<A>>): Promise<Asked<A>>
  /** How many wait for each thing. */
  waiting(): ReadonlyMap<string, number>
}

export interface Wait {
  /** For how long; who waits in vain is told `no-turn`. Milliseconds. */
  readonly patienceMs: number
  /** Aborts when whoever asked is gone. */
  readonly signal: AbortSignal
}

/** What a turn came to; `again` where the API was asked too often: those who wait for it go on waiting. */
export type Worked<A> = { readonly kind: 'answer'; readonly answer: A } | { readonly kind: 'again' }

export type Asked<A> =
  /** `waitedMs`: for how long it waited before its answer was begun. */
  | { readonly kind: 'answer'; readonly answer: A; readonly waitedMs: number }
  | { readonly kind: 'no-turn' }

export interface RoundsDeps {
  readonly clock: Clock
  readonly budget: Pick<Budget, 'nextMs' | 'spend' | 'throttled'>
  /** How long after the beginning of a thing's turn its next one may begin. */
  readonly restMs: number
}

interface Question {
  readonly askedAtMs: number
  readonly tell: (asked: Asked<never>) => void
}

interface Thing {
  readonly questions: Set<Question>
  /** Since when a turn is due: from its first question on, though that may have given up. */
  dueAtMs: number | undefined
  restsUntilMs: number
  state: 'idle' | 'busy'
  work: () => Promise<Worked<unknown>>
}

/** A turn that nobody waits for any more is due for so long: whoever gave up asks again in a second or two. */
const dueMs = 60_000

/**
 * Turns go to whatever has been due for longest. By the nearest deadline, by the number of those who wait, or by
 * the last turn, the same things came before all others again and again.
 */
export function createRounds({ clock, budget, restMs }: RoundsDeps): Rounds {
  const things = new Map<string, Thing>()
  /** Those of which somebody waits for the next turn. */
  const open = new Set<Thing>()
  let changed = new AbortController()
  let isRunning = false
  let sweptAtMs = clock.now()

  async function run(): Promise<void> {
    isRunning = true
    while (open.size > 0) {
      const all = [...open]
      const soonestMs = Math.min(...all.map(({ restsUntilMs }) => restsUntilMs))
      const atMs = Math.max(budget.nextMs(), soonestMs)
      const now = clock.now()
      if (atMs > now) await clock.sleepUntil(atMs, changed.signal)
      else void turn(longestDue(all.filter(({ restsUntilMs }) => restsUntilMs <= now)), now)
    }
    isRunning = false
  }

  async function turn(thing: Thing, beganAtMs: number): Promise<void> {
    const { dueAtMs } = thing
    const asked = [...thing.questions]
    open.delete(thing)
    Object.assign(thing, { state: 'busy', dueAtMs: undefined, restsUntilMs: beganAtMs + restMs })
    budget.spend(beganAtMs)
    // Nobody may be left waiting for a turn that broke.
    const worked = await thing.work().catch(() => ({ kind: 'again' }) as const)
    thing.state = 'idle'
    if (worked.kind === 'again') {
      thing.dueAtMs = dueAtMs
      budget.throttled(clock.now())
    } else {
      for (const question of asked) {
        if (!thing.questions.delete(question)) continue
        const answer = worked.answer as never
        question.tell({ kind: 'answer', answer, waitedMs: beganAtMs - question.askedAtMs })
      }
    }
    if (thing.questions.size > 0) open.add(thing)
    wake()
  }

  function wake(): void {
    if (!isRunning) void run()
    changed.abort('changed')
    changed = new AbortController()
  }

  /** Forgets those of which no turn is due any more. */
  function sweep(): void {
    const now = clock.now()
    if (now - sweptAtMs < dueMs) return
    sweptAtMs = now
    for (const [name, { questions, state, dueAtMs = -Infinity, restsUntilMs }] of things) {
      const isOver = questions.size === 0 && state === 'idle' && restsUntilMs <= now
      if (isOver && dueAtMs + dueMs <= now) things.delete(name)
    }
  }

  return {
    async ask(name, { patienceMs, signal }, work) {
      sweep()
      const askedAtMs = clock.now()
      const fresh = {
        questions: new Set<Question>(),
        restsUntilMs: -Infinity,
        state: 'idle',
      } as const
      const thing = things.get(name) ?? { ...fresh, dueAtMs: undefined, work }
      things.set(name, thing)
      const isForgotten = thing.questions.size === 0 && (thing.dueAtMs ?? 0) + dueMs <= askedAtMs
      thing.dueAtMs = isForgotten ? askedAtMs : (thing.dueAtMs ?? askedAtMs)
      thing.work = work
      const { promise, resolve: tell } = Promise.withResolvers<Asked<never>>()
      const question = { askedAtMs, tell }
      thing.questions.add(question)
      if (thing.state === 'idle') open.add(thing)
      wake()
      const over = new AbortController()
      const late = clock
        .sleepUntil(askedAtMs + patienceMs, AbortSignal.any([signal, over.signal]))
        .then(() => ({ kind: 'no-turn' }) as const)
      const asked = await Promise.race([promise, late])
      over.abort('over')
      thing.questions.delete(question)
      if (thing.questions.size === 0) open.delete(thing)
      return asked
    },
    waiting: () => new Map([...things].map(([name, { questions }]) => [name, questions.size])),
  }
}

function longestDue(things: readonly Thing[]): Thing {
  return things.reduce((first, one) =>
    (one.dueAtMs ?? Infinity) < (first.dueAtMs ?? Infinity) ? one : first,
  )
}
