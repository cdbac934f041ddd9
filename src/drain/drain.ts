import { type Change, changesBetween, type Position } from './changes.ts'
import { deadlineOf, type Limits } from './limits.ts'
import { type Ask, type Outcome, step } from './policy.ts'
import type { Balancer, Failure } from './ports.ts'
import { begin, type Fact, type Progress } from './progress.ts'

export interface DrainDeps {
  readonly balancer: Balancer
  /** Monotonic milliseconds; `sleepUntil` also resolves when the signal aborts. */
  readonly clock: {
    now(): number
    sleepUntil(at: number, signal: AbortSignal): Promise<void>
  }
  /** ARNs of the target groups that the pod may be in. */
  readonly groups: readonly string[]
  readonly limits: Limits
  /** Hears of each change as it happens. */
  readonly tell: (change: Change) => void
}

/** Where a drain is. */
export interface DrainState {
  readonly progress: Progress
  readonly end?: DrainEnd
}

/** How a drain ended, and when, in monotonic milliseconds. */
export interface DrainEnd {
  readonly outcome: Outcome
  readonly atMs: number
}

/** The one wait of this pod's life. */
export interface Drain {
  /** Starts the drain, or joins it: every caller gets the same end. Never rejects. */
  join(): Promise<DrainEnd>
  /** The drain as it stands; undefined before the first `join`. */
  state(): DrainState | undefined
}

/** A drain that has not begun. */
export function createDrain(deps: DrainDeps): Drain {
  let state: DrainState | undefined
  let end: Promise<DrainEnd> | undefined
  const run = async (): Promise<DrainEnd> => {
    let progress = begin(deps.groups, deps.clock.now())
    const keep = (next: Progress) => {
      progress = next
      state = { progress }
    }
    keep(progress)
    const outcome = await hold(deps, progress, keep).catch((bug) =>
      holdBlindly(deps, progress, bug),
    )
    const ended = { outcome, atMs: deps.clock.now() }
    state = { progress, end: ended }
    return ended
  }
  return {
    join() {
      end ??= run()
      return end
    },
    state: () => state,
  }
}

/** The loop: asks the policy, puts its questions, and waits on the clock or for an answer. */
async function hold(
  { balancer, clock, limits, tell }: DrainDeps,
  start: Progress,
  keep: (progress: Progress) => void,
): Promise<Outcome> {
  const facts: Fact[] = []
  const asking = new Set<string>()
  const over = new AbortController()
  let answered = new AbortController()
  let position: Position = { progress: start, verdict: { kind: 'hold', untilMs: 0, asks: [] } }
  try {
    for (;;) {
      const now = clock.now()
      answered = new AbortController()
      const [progress, verdict] = step(position.progress, facts.splice(0), now, limits)
      keep(progress)
      for (const change of changesBetween(position, { progress, verdict }, now)) tell(change)
      if (verdict.kind === 'release') return verdict.outcome
      position = { progress, verdict }
      const open = verdict.asks.filter((ask) => !asking.has(nameOf(ask)))
      for (const ask of open.filter(({ atMs }) => atMs <= now)) void put(ask)
      const later = open.map(({ atMs }) => atMs).filter((atMs) => atMs > now)
      await clock.sleepUntil(Math.min(verdict.untilMs, ...later), answered.signal)
    }
  } finally {
    over.abort()
  }

  async function put(ask: Ask): Promise<void> {
    asking.add(nameOf(ask))
    const askedAtMs = clock.now()
    const answer = await answerTo(ask, balancer, over.signal)
    asking.delete(nameOf(ask))
    facts.push({ ...answer, askedAtMs, answeredAtMs: clock.now() })
    answered.abort()
  }
}

/** A group is looked at by one look at a time, and described beside it. */
function nameOf({ kind, group }: Ask): string {
  return `${kind} ${group}`
}

type Timed = 'askedAtMs' | 'answeredAtMs'
type Untimed<F> = F extends Fact ? Omit<F, Timed> : never

async function answerTo(ask: Ask, balancer: Balancer, signal: AbortSignal): Promise<Untimed<Fact>> {
  const { group } = ask
  if (ask.kind === 'describe') {
    const answer = await balancer
      .describe(group, signal)
      .catch((bug) => ({ kind: 'described' as const, facts: {}, missing: [malformed(bug)] }))
    return { kind: 'described', group, answer }
  }
  const { view } = ask
  return {
    kind: 'looked',
    group,
    view,
    answer: await balancer.look(group, view, signal).catch(malformed),
  }
}

/** A port does not throw. If one does all the same, the hook must not be let go for it. */
function malformed(bug: unknown): Failure {
  return { kind: 'malformed', said: `internal error: ${bug}` }
}

/** Never worse than a sleep, even when the decision itself breaks. */
async function holdBlindly(
  { clock, limits }: DrainDeps,
  progress: Progress,
  bug: unknown,
): Promise<Outcome> {
  const untilMs = Math.min(progress.startedAtMs + limits.fallbackMs, deadlineOf(progress, limits))
  await clock.sleepUntil(untilMs, new AbortController().signal)
  return { kind: 'fallback', because: malformed(bug) }
}
