import { mayHaveLeftUnseen } from '../judgement/end.ts'
import { graceOf, neededGraceOf } from '../judgement/grace.ts'
import type { Hook, Limits } from '../judgement/limits.ts'
import type { DrainEnd, Outcome } from '../judgement/outcome.ts'
import { isOddlyAbsent, type Severity, severityOf } from '../judgement/severity.ts'
import { wasDeregistered } from '../judgement/standing.ts'
import { figuresOf, looksIn } from '../knowledge/figures.ts'
import type { GroupProgress, Progress } from '../knowledge/progress.ts'
import type { DrainState } from './state.ts'

/** A drain as data: the body of a hook's answer and of `/status`. Well under 10 KiB. */
export interface Report {
  readonly state: 'idle' | 'draining' | 'released'
  readonly outcome?: Outcome['kind']
  /** Why, in a sentence, and what to do about it where there is something to do. */
  readonly because?: string
  readonly severity?: Severity
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

/**
 * @param now Monotonic milliseconds.
 * @param end Of the hook that it is about; without it, the drain's, if it is over.
 */
export function reportOf(
  state: DrainState | undefined,
  limits: Limits,
  now: number,
  end: DrainEnd | undefined = state?.end,
): Report {
  if (!state) return { state: 'idle' }
  const { progress, hooks } = state
  const figures = figuresOf(progress)
  const targets = progress.groups.flatMap(({ targets }) => targets)
  const more = targets.length - mostTargets
  return {
    state: end ? 'released' : 'draining',
    ...(end ? endOfReport(end, progress, limits) : {}),
    heldSeconds: heldMs(state, now, end) / 1_000,
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

function endOfReport(end: DrainEnd, progress: Progress, limits: Limits) {
  const { kind: outcome } = end.outcome
  const because = sentence(end, progress, limits)
  return { outcome, because, severity: severityOf(end.outcome, progress) }
}

/** How long a drain has held a hook by now, or held it until it was released; whole milliseconds. */
export function heldMs(state: DrainState, now: number, end = state.end): number {
  const hook = end?.hook ?? state.hook
  return Math.round((end?.atMs ?? now) - hook.arrivedAtMs)
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

function sentence({ hook, outcome }: DrainEnd, progress: Progress, limits: Limits): string {
  switch (outcome.kind) {
    case 'deregistered':
      return 'every target of this pod has left service and settled'
    case 'idle':
      return 'every target of this pod is draining and settled, and has no connections'
    case 'settled':
      return outcome.cut === undefined
        ? 'every target of this pod is draining, or cannot be watched, and has settled'
        : `no new requests come, but the grace period left no room for the rest of the deregistration delay${advice(hook, progress, limits)}`
    case 'not-terminating':
      return 'the pod is not being deleted: a container restarts'
    case 'unregistered':
      return unregistered(progress)
    case 'fallback':
      return `what is needed could not be learnt: ${outcome.because.said}`
    case 'deadline': {
      if (progress.pod?.seen?.deletion === 'deleted') {
        return 'the pod was deleted by force: nobody waits for its hooks any more'
      }
      return `the time was up ${whatLasted(progress)}${advice(hook, progress, limits)}`
    }
  }
}

/** The one number that is ever recommended: see `grace.ts`. None where the grace period is long enough. */
function advice(hook: Hook, progress: Progress, limits: Limits): string {
  const neededMs = neededGraceOf(progress, limits) ?? 0
  if (neededMs <= graceOf(hook, progress, limits)) return ''
  const seconds = Math.ceil(neededMs / 1_000)
  return `: set terminationGracePeriodSeconds (and GRACE_PERIOD_SECONDS, where it is set) to ${seconds}, or lower the target group's deregistration delay`
}

/** Always of groups that were looked at. */
function unregistered(progress: Progress): string {
  const { groups, search } = progress
  const names = groups.slice(0, mostGroups).map(({ group }) => group.split('/')[1] ?? group)
  const rest = groups.length - names.length
  const more = search?.more ?? 0
  const also = `${rest > 0 ? ` and ${rest} others` : ''}${more > 0 ? `; ${more} more of its namespace were not looked at` : ''}`
  if (groups.length === 0) {
    const why = search?.narrowed[0]
    if (why) return `no target group was found: ${why.said}`
    return 'no TargetGroupBinding of its namespace registers pods by address'
  }
  const mayHaveLeft = groups.some((group) => mayHaveLeftUnseen(group, progress))
  const left = mayHaveLeft ? ': it may have left them before the first look' : ''
  const why = isOddlyAbsent(progress)
    ? ': it is ready; if it served requests, name its groups in TARGET_GROUP_ARNS'
    : left
  return `this pod was looked for, and is in none of the target groups ${names.join(', ')}${also}${why}`
}

/** What more time would not have helped, as far as that is known. */
function whatLasted({ groups }: Progress): string {
  if (groups.length > 0 && groups.every(({ attempt }) => attempt === undefined)) {
    return 'before anything could be learnt: give the pod a grace period that is longer than RESERVE_SECONDS'
  }
  const failing = groups.find(({ failure }) => failure)?.failure
  if (failing) return `while looks failed: ${failing.last.said}`
  const drains = groups.find(({ targets }) => targets.some(wasDeregistered))
  const serves = groups.some(({ targets }) =>
    targets.some(({ phase }) => phase.kind === 'registered'),
  )
  if (!drains || serves) {
    return 'before the pod was seen to be deregistered'
  }
  return 'before the target had settled'
}
