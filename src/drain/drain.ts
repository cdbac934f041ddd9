import { answerTo, malformed, nameOf } from './answers.ts'
import type { Ask } from './asks.ts'
import { type Change, changesBetween, type Position } from './changes.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { learn } from './learn.ts'
import { deadlineOf, graceEndOf, type Limits } from './limits.ts'
import { type Outcome, step } from './policy.ts'
import type { Ports } from './ports.ts'
import { begin, type Progress } from './progress.ts'
import { isOnItsWayOut } from './standing.ts'

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

/** Where a drain is. */
export interface DrainState {
  readonly progress: Progress
  /** How many hooks joined it before it ended, those included whose callers have hung up. */
  readonly hooks: number
  readonly end?: DrainEnd
}

/** How a drain ended, and when, in monotonic milliseconds. */
export interface DrainEnd {
  readonly outcome: Outcome
  readonly atMs: number
}

/** The one wait of this pod's life. */
export interface Drain {
  /**
   * Starts the drain, or joins it: every caller gets the same end. Never rejects.
   *
   * An end is good for one termination: until the grace period is over, and only where the pod is known
   * to be on its way out. Any other hook starts anew: a container may have been restarted meanwhile,
   * or somebody may have called the hook who should not have.
   */
  join(): Promise<DrainEnd>
  /** The drain that `join` would join; undefined when it would start one. */
  joined(): Promise<DrainEnd> | undefined
  /** The latest drain as it stands; undefined before the first `join`. */
  state(): DrainState | undefined
}

/** A drain that has not begun. */
export function createDrain(deps: DrainDeps): Drain {
  let state: Omit<DrainState, 'hooks'> | undefined
  let hooks = 0
  let end: Promise<DrainEnd> | undefined
  let inbox = createInbox()
  const run = async (): Promise<DrainEnd> => {
    inbox = createInbox()
    let progress = begin(deps.groups, deps.clock.now())
    const keep = (next: Progress) => {
      progress = next
      state = { progress }
    }
    keep(progress)
    const outcome = await hold(deps, inbox, progress, keep).catch((bug) =>
      holdBlindly(deps, inbox, progress, bug),
    )
    const ended = { outcome, atMs: deps.clock.now() }
    state = { progress, end: ended }
    return ended
  }
  const joined = () => (state && isOver(state, deps) ? undefined : end)
  return {
    join() {
      const current = joined()
      const now = deps.clock.now()
      if (!current) hooks = 1
      else if (!state?.end) {
        hooks += 1
        inbox.put({ kind: 'joined', askedAtMs: now, answeredAtMs: now })
      }
      end = current ?? run()
      return end
    },
    joined,
    state: () => state && { ...state, hooks },
  }
}

/** Whether the end of a drain means nothing any more, or never meant that the pod has left. */
function isOver(
  { progress, end }: Omit<DrainState, 'hooks'>,
  { clock, limits }: DrainDeps,
): boolean {
  if (!end) return false
  return !isOnItsWayOut(progress) || clock.now() > graceEndOf(progress, limits)
}

/**
 * A loop that wakes so much later than it should was not slow but frozen (SIGSTOP, a starved node).
 * It sleeps in short stretches, or a freeze would hide in a long sleep.
 */
const oversleptMs = 1_000
const stretchMs = 1_000

/** The loop: asks the policy, puts its questions, and waits on the clock or for an answer. */
async function hold(
  { ports, clock, limits, tell }: DrainDeps,
  inbox: Inbox,
  start: Progress,
  keep: (progress: Progress) => void,
): Promise<Outcome> {
  const asking = new Set<string>()
  const over = new AbortController()
  let position: Position = { progress: start, verdict: { kind: 'hold', untilMs: 0, asks: [] } }
  try {
    for (;;) {
      const now = clock.now()
      const [progress, verdict] = step(position.progress, inbox.take(), now, limits)
      keep(progress)
      for (const change of changesBetween(position, { progress, verdict }, now, limits)) {
        try {
          tell(change)
        } catch {
          // Who hears of a drain must not decide it.
        }
      }
      if (verdict.kind === 'release') return verdict.outcome
      position = { progress, verdict }
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

  async function put(ask: Ask): Promise<void> {
    asking.add(nameOf(ask))
    const askedAtMs = clock.now()
    const answer = await answerTo(ask, ports, over.signal)
    asking.delete(nameOf(ask))
    inbox.put({ ...answer, askedAtMs, answeredAtMs: clock.now() })
  }
}

/** Never worse than a sleep, even when the decision itself breaks. */
async function holdBlindly(
  { clock, limits }: DrainDeps,
  inbox: Inbox,
  start: Progress,
  bug: unknown,
): Promise<Outcome> {
  let progress = start
  for (;;) {
    const untilMs = Math.min(progress.joinedAtMs + limits.fallbackMs, deadlineOf(progress, limits))
    if (clock.now() >= untilMs) return { kind: 'fallback', because: malformed(bug) }
    await clock.sleepUntil(untilMs, inbox.arrived())
    // Of all that comes only another hook is heard: the rest may be what broke the decision.
    const hooks = inbox.take().filter(({ kind }) => kind === 'joined')
    progress = hooks.reduce(learn, progress)
  }
}
