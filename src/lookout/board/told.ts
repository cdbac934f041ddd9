import { reportOf } from '../../drain/account/report.ts'
import type { DrainState } from '../../drain/account/state.ts'
import { deadlineOf, type Limits } from '../../drain/judgement/limits.ts'
import { type DrainPhase, expectedEndOf, standOf } from './stand.ts'

export interface ToldTarget {
  readonly group: string
  readonly id: string
  readonly port: number
  readonly state: string
  readonly reason?: string
}

/**
 * What a sidecar tells its lookout of its drain: the body of `POST /v1/drain`. All times are milliseconds from
 * or until the moment that it was told, for the two have no clock in common.
 */
export interface Told {
  readonly state: 'draining' | 'released'
  /** A newer sidecar may know modes, outcomes and states that this version does not. */
  readonly releaseWhen: string
  readonly phase: DrainPhase
  /** How long it has been in it; left out where that is not known. */
  readonly phaseForMs?: number
  readonly heldMs: number
  /** Until the end that is expected; left out where there is no telling. */
  readonly expectedInMs?: number
  readonly deadlineInMs: number
  readonly outcome?: string
  readonly because?: string
  readonly severity?: 'normal' | 'warning'
  readonly hooks: number
  readonly looks: number
  readonly throttled: number
  readonly targets: readonly ToldTarget[]
  /** What keeps the truth away. */
  readonly trouble?: string
}

/** What there is to tell of a drain. */
export function toldOf(state: DrainState, limits: Limits, now: number): Told {
  const { progress, hook } = state
  const report = reportOf(state, limits, now)
  const { hooks = 0, looks = 0, throttled = 0, heldSeconds = 0 } = report
  const { phase, sinceMs } = standOf(progress)
  const expectedMs = state.end ? undefined : expectedEndOf(state, limits, now)
  const trouble = state.end ? undefined : troubleOf(state)
  const since = (atMs: number) => Math.max(0, Math.round(now - atMs))
  const until = (atMs: number) => Math.max(0, Math.round(atMs - now))
  return {
    ...{ state: state.end ? 'released' : 'draining', releaseWhen: limits.releaseWhen, phase },
    ...(sinceMs === undefined ? {} : { phaseForMs: since(sinceMs) }),
    heldMs: Math.round(heldSeconds * 1_000),
    ...(expectedMs === undefined ? {} : { expectedInMs: until(expectedMs) }),
    deadlineInMs: until(deadlineOf(hook, progress, limits)),
    ...(report.outcome ? { outcome: report.outcome } : {}),
    ...(report.because ? { because: report.because } : {}),
    ...(report.severity ? { severity: report.severity } : {}),
    ...{ hooks, looks, throttled },
    targets: (report.targets ?? []).map(({ group, id, port, state, reason }) => ({
      ...{ group, id, port, state },
      ...(reason ? { reason } : {}),
    })),
    ...(trouble ? { trouble } : {}),
  }
}

function troubleOf({ progress: { groups, search, pod } }: DrainState): string | undefined {
  const group = groups.find(({ failure }) => failure)
  return (group?.failure ?? search?.failure)?.last.said ?? pod?.failure?.said
}
