import type { DrainState } from './drain.ts'
import { figuresOf, looksIn } from './figures.ts'
import type { Limits } from './limits.ts'
import type { Outcome } from './policy.ts'
import type { GroupProgress, Progress } from './progress.ts'

/** A drain as data: the body of a hook's answer and of `/status`. Well under 10 KiB. */
export interface Report {
  readonly state: 'idle' | 'draining' | 'released'
  readonly outcome?: Outcome['kind']
  /** Why, in a sentence, and what to do about it where there is something to do. */
  readonly because?: string
  readonly heldSeconds?: number
  /** How many hooks joined the drain. */
  readonly hooks?: number
  /** Over all groups, those included that are left out of `groups`: the figures of `/metrics`. */
  readonly looks?: number
  readonly throttled?: number
  readonly apiSeconds?: number
  readonly targets?: readonly TargetReport[]
  /** How many targets are left out of `targets`. */
  readonly moreTargets?: number
  readonly groups?: readonly GroupReport[]
}

interface TargetReport {
  readonly group: string
  readonly id: string
  readonly port: number
  readonly zone?: string
  readonly state: string
  readonly reason?: string
}

interface GroupReport {
  readonly group: string
  readonly looks: number
  /** Looks by answer; what never came is left out. */
  readonly answers: Readonly<Record<string, number>>
  /** What keeps the truth away. */
  readonly trouble?: string
}

/** The kubelet reads 10 KiB of an answer, and then leaves. */
const mostTargets = 16
const mostGroups = 8

/** @param now Monotonic milliseconds. */
export function reportOf(state: DrainState | undefined, limits: Limits, now: number): Report {
  if (!state) return { state: 'idle' }
  const { progress, hooks, end } = state
  const figures = figuresOf(progress)
  const targets = progress.groups.flatMap(({ targets }) => targets)
  const more = targets.length - mostTargets
  return {
    state: end ? 'released' : 'draining',
    ...(end ? { outcome: end.outcome.kind, because: sentence(end.outcome, progress, limits) } : {}),
    heldSeconds: heldMs(state, now) / 1_000,
    ...{ hooks, looks: looksIn(figures), throttled: figures.throttled },
    apiSeconds: Math.round(figures.lookingMs) / 1_000,
    targets: targets.slice(0, mostTargets).map(({ target, sighting: { state, reason } }) => ({
      ...target,
      state,
      ...(reason ? { reason } : {}),
    })),
    ...(more > 0 ? { moreTargets: more } : {}),
    groups: progress.groups.slice(0, mostGroups).map(groupReport),
  }
}

/** How long a drain has held its hooks by now, or held them until it ended; whole milliseconds. */
export function heldMs({ progress, end }: DrainState, now: number): number {
  return Math.round((end?.atMs ?? now) - progress.startedAtMs)
}

function groupReport({ group, answers, failure }: GroupProgress): GroupReport {
  const came = Object.entries(answers).filter(([, count]) => count > 0)
  return {
    group,
    looks: came.reduce((sum, [, count]) => sum + count, 0),
    answers: Object.fromEntries(came),
    ...(failure ? { trouble: failure.last.said } : {}),
  }
}

function sentence(outcome: Outcome, progress: Progress, limits: Limits): string {
  switch (outcome.kind) {
    case 'deregistered':
      return 'every target of this pod has left service and settled'
    case 'idle':
      return 'every target of this pod is draining and settled, and has no connections'
    case 'settled':
      return 'every target of this pod is draining, or cannot be watched, and has settled'
    case 'not-terminating':
      return 'the pod is not being deleted and its targets are not draining: a container restarts'
    case 'unregistered':
      return 'this pod is in none of the target groups'
    case 'fallback':
      return `what is needed could not be learnt: ${outcome.because.said}`
    case 'deadline': {
      const { neededMs } = outcome
      if (progress.pod?.seen?.deletion === 'deleted') {
        return 'the pod was deleted by force: nobody waits for its hooks any more'
      }
      if (neededMs === undefined) return `the time was up ${whatLasted(progress)}`
      const seconds = Math.ceil((neededMs + limits.reserveMs) / 1_000)
      return `the time was up while the target was draining: raise terminationGracePeriodSeconds and GRACE_PERIOD_SECONDS to ${seconds}, or lower the target group's deregistration delay`
    }
  }
}

/** What more time would not have helped, as far as that is known. */
function whatLasted({ groups }: Progress): string {
  if (groups.length > 0 && groups.every(({ attempt }) => attempt === undefined)) {
    return 'before anything could be learnt: give the pod a grace period that is longer than RESERVE_SECONDS'
  }
  const failing = groups.find(({ failure }) => failure)?.failure
  if (failing) return `while looks failed: ${failing.last.said}`
  const drains = groups.find(({ targets }) =>
    targets.some(({ phase }) => phase.kind === 'draining'),
  )
  const serves = groups.some(({ targets }) =>
    targets.some(({ phase }) => phase.kind === 'registered'),
  )
  if (!drains || serves) {
    return 'before the pod was deregistered: if its controller is only slow, raise terminationGracePeriodSeconds and GRACE_PERIOD_SECONDS'
  }
  if (drains.facts.deregistrationDelayMs !== undefined) {
    return 'while the target was draining, for longer than its deregistration delay'
  }
  const [missing] = drains.described?.missing ?? []
  const why = missing ? `: ${missing.said}` : ''
  return `while the target was draining, for how long could not be learnt${why}`
}
