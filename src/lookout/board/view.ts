import type { DrainRow } from './row.ts'
import type { DrainPhase } from './stand.ts'
import type { Told } from './told.ts'

/** A drain as it is shown: times are milliseconds from its first hook, so that they stay true. */
export interface DrainView
  extends Pick<
    Told,
    | 'releaseWhen'
    | 'outcome'
    | 'because'
    | 'severity'
    | 'hooks'
    | 'looks'
    | 'throttled'
    | 'targets'
    | 'trouble'
  > {
  readonly uid: string
  readonly namespace: string
  readonly pod: string
  /** `lost`: it told no end, and its time is long up. */
  readonly state: 'draining' | 'released' | 'lost'
  /** Before the moment that this was said. */
  readonly startedAgoMs: number
  readonly phases: readonly { readonly phase: DrainPhase; readonly fromMs: number }[]
  readonly expectedMs?: number
  readonly deadlineMs: number
  readonly endedMs?: number
}

/** A target group that is looked at, or was lately. What is counted is counted since the lookout started. */
export interface GroupRow {
  /** Its ARN. */
  readonly group: string
  readonly account: string
  readonly region: string
  /** How many pods wait for an answer about it. */
  readonly pods: number
  readonly listings: number
  readonly throttled: number
  /** Since the last answer. */
  readonly lastAgoMs?: number
}

/** What an account and Region is asked. What is counted is counted since the lookout started. */
export interface BudgetRow {
  readonly account: string
  readonly region: string
  /** How many this lookout allows itself at the moment. */
  readonly callsPerSecond: number
  readonly calls: number
  readonly throttled: number
  /** How many questions wait for their turn. */
  readonly waiting: number
}

export interface RatesView {
  readonly groups: readonly GroupRow[]
  readonly budgets: readonly BudgetRow[]
}

/** All that is shown: `GET /drains`. */
export interface BoardView extends RatesView {
  /** The time of day. */
  readonly at: string
  readonly drains: readonly DrainView[]
}

/** What came since: the events of `GET /drains/live` are `board`, `drains` and `rates`. */
export interface DrainsChange {
  readonly drains: readonly DrainView[]
  /** The uids of those that are shown no longer. */
  readonly gone: readonly string[]
}

/** @param now Monotonic milliseconds. */
export function viewOf(row: DrainRow, now: number): DrainView {
  const { pod, told, startedAtMs, end, expectedAtMs } = row
  const { outcome, because, severity, trouble } = told
  const sinceStart = (atMs: number) => Math.round(atMs - startedAtMs)
  return {
    ...{ uid: pod.uid, namespace: pod.namespace, pod: pod.name, state: end?.kind ?? 'draining' },
    startedAgoMs: Math.round(now - startedAtMs),
    phases: row.phases.map(({ phase, fromMs }) => ({ phase, fromMs: sinceStart(fromMs) })),
    ...(expectedAtMs === undefined ? {} : { expectedMs: sinceStart(expectedAtMs) }),
    deadlineMs: sinceStart(row.deadlineAtMs),
    ...(end ? { endedMs: sinceStart(end.atMs) } : {}),
    releaseWhen: told.releaseWhen,
    ...(outcome ? { outcome } : {}),
    ...(because ? { because } : {}),
    ...(severity ? { severity } : {}),
    ...{ hooks: told.hooks, looks: told.looks, throttled: told.throttled, targets: told.targets },
    ...(trouble ? { trouble } : {}),
  }
}
