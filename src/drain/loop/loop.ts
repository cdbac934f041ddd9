import type { Change, Position } from '../account/change.ts'
import { changesBetween } from '../account/changes.ts'
import { deadlineOf, type Limits } from '../judgement/limits.ts'
import { begin, type Progress } from '../knowledge/progress.ts'
import { judge, learnAll, type Verdict } from '../policy.ts'
import type { Ports } from '../ports.ts'
import { type Ask, nameOf } from '../questions/ask.ts'
import { answerTo, malformed } from './answers.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { createQueue, type Queue } from './queue.ts'

export interface DrainDeps {
  readonly ports: Ports
  /** Monotonic milliseconds; `sleepUntil` also resolves when the signal aborts. */
  readonly clock: {
    now(): number
    sleepUntil(at: number, signal: AbortSignal): Promise<void>
  }
  /** ARNs of the target groups that the pod may be in; none when they have to be searched for. */
  readonly groups: readonly string[]
  readonly limits: Limits
  /** Hears of each change as it happens. What it throws is of no interest. */
  readonly tell: (change: Change) => void
}

/** A drain that has begun. */
export interface Loop {
  readonly queue: Queue
  readonly progress: () => Progress
  /** Resolves when no hook is held any more. */
  readonly over: Promise<void>
  /** Adds a hook, which is held from now on. */
  join(): ReturnType<Queue['join']>
}

/** Begins a drain, whose first hook has to join at once. */
export function startLoop(deps: DrainDeps): Loop {
  const { clock } = deps
  const inbox = createInbox()
  const queue = createQueue()
  let progress = begin(deps.groups, clock.now())
  const keep = (next: Progress) => {
    progress = next
  }
  return {
    queue,
    progress: () => progress,
    over: Promise.resolve()
      .then(() => hold(deps, inbox, progress, queue, keep))
      .catch((bug) => holdBlindly(deps, queue, () => progress, bug)),
    join() {
      const now = clock.now()
      if (queue.held() > 0) inbox.put({ kind: 'joined', askedAtMs: now, answeredAtMs: now })
      return queue.join(now)
    },
  }
}

/**
 * A loop that wakes so much later than it should was not slow but frozen (SIGSTOP, a starved node).
 * It sleeps in short stretches, or a freeze would hide in a long sleep.
 */
const oversleptMs = 1_000
const stretchMs = 1_000

type Hold = Verdict & { readonly kind: 'hold' }
type Released = Change & { readonly kind: 'released' }

/** Asks the policy, puts its questions, and waits on the clock or for an answer. */
async function hold(
  { ports, clock, limits, tell }: DrainDeps,
  inbox: Inbox,
  start: Progress,
  queue: Queue,
  keep: (progress: Progress) => void,
): Promise<void> {
  const asking = new Set<string>()
  const over = new AbortController()
  let position: Position = { progress: start, verdict: { kind: 'hold', untilMs: 0, asks: [] } }
  try {
    for (;;) {
      const now = clock.now()
      const progress = learnAll(position.progress, inbox.take())
      keep(progress)
      const verdict = decide(progress, now)
      if (!verdict) return
      const open = verdict.asks.filter((ask) => !asking.has(nameOf(ask)))
      for (const ask of open.filter(({ atMs }) => atMs <= now)) void put(ask)
      const later = open.map(({ atMs }) => atMs).filter((atMs) => atMs > now)
      const wakeMs = Math.min(verdict.untilMs, now + stretchMs, ...later)
      await clock.sleepUntil(wakeMs, inbox.arrived())
      const wokeMs = clock.now()
      if (wokeMs > wakeMs + oversleptMs) {
        inbox.put({ kind: 'thawed', askedAtMs: wakeMs, answeredAtMs: wokeMs })
      }
    }
  } finally {
    over.abort()
  }

  /** Releases hooks as long as the policy says so; undefined when none is held any more. */
  function decide(progress: Progress, now: number): Hold | undefined {
    let released: Released | undefined
    for (;;) {
      const hook = queue.first()
      const verdict = hook && judge(progress, hook, now, limits, queue.last())
      // Those who are released together, and why, are told of once.
      if (released && outcomeOf(verdict) !== released.end.outcome.kind) {
        hear(released)
        released = undefined
      }
      if (!hook || !verdict) return undefined
      changesBetween(position, { progress, verdict }, hook, now, limits).forEach(hear)
      position = { progress, verdict }
      if (verdict.kind === 'hold') return verdict
      const end = { hook, outcome: verdict.outcome, atMs: now }
      const hooks = (released?.hooks ?? 0) + queue.release(end)
      released = { kind: 'released', end: released?.end ?? end, hooks }
    }
  }

  function hear(change: Change): void {
    try {
      tell(change)
    } catch {
      // Who hears of a drain must not decide it.
    }
  }

  async function put(ask: Ask): Promise<void> {
    asking.add(nameOf(ask))
    const askedAtMs = clock.now()
    const answer = await answerTo(ask, ports, over.signal)
    asking.delete(nameOf(ask))
    inbox.put({ askedAtMs, ...answer, answeredAtMs: clock.now() })
  }
}

function outcomeOf(verdict: Verdict | undefined) {
  return verdict?.kind === 'release' ? verdict.outcome.kind : undefined
}

/** Never worse than a sleep, even when the decision itself breaks. */
async function holdBlindly(
  { clock, limits, tell }: DrainDeps,
  queue: Queue,
  progress: () => Progress,
  bug: unknown,
): Promise<void> {
  const outcome = { kind: 'fallback', because: malformed(bug) } as const
  const { signal } = new AbortController()
  for (let hook = queue.first(); hook; hook = queue.first()) {
    const deadlineMs = deadlineOf(hook, progress(), limits)
    await clock.sleepUntil(Math.min(hook.arrivedAtMs + limits.fallbackMs, deadlineMs), signal)
    const end = { hook, outcome, atMs: clock.now() }
    const hooks = queue.release(end)
    try {
      tell({ kind: 'released', end, hooks })
    } catch {
      // It may be what broke the decision.
    }
  }
}
