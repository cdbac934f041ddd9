/**
 * What can go wrong with an answer.
 *
 * An error in AWS's words: `throttle` (400), `internal-failure` (500), `health-unavailable` (500), `denied`
 * (403), `expired` (403: the temporary credentials are past their time).
 *
 * A well-formed 200 that says something else: `empty-list`, `missing-list`; for DescribeTargetHealth
 * only: `other-pod` (one healthy entry of another pod and no more), `huge` (10 MB of other pods' entries
 * before the right ones).
 *
 * The right answer, sent wrongly: `hang` (nothing, for ever), `hang-in-body`, `reset` (in the middle of
 * the body), `truncated` (half the XML, as if complete), `slow` (by `delayMs`; it then tells of the moment
 * when the request came). In place of it: `garbage` (a proxy's HTML page, 200), `empty-body` (200).
 */
export type Fault = { kind: FaultKind } | { kind: 'slow'; delayMs: number }

type FaultKind =
  | ErrorFault
  | ContentFault
  | 'hang'
  | 'hang-in-body'
  | 'reset'
  | 'truncated'
  | 'garbage'
  | 'empty-body'

export type ErrorFault =
  | 'throttle'
  | 'internal-failure'
  | 'health-unavailable'
  | 'denied'
  | 'expired'

export type ContentFault = 'empty-list' | 'missing-list' | HealthFault

type HealthFault = 'other-pod' | 'huge'

/** When a fault happens: to every request, until something here says no. */
export interface Occasion {
  action?: string
  groupArn?: string
  /** How many matching requests it happens to. */
  times?: number
  /** The instant on the lab's monotonic clock at which it stops. */
  untilMs?: number
}

export type FaultRule = Occasion & Fault

export interface Faults {
  /** Adds a rule behind the others; the function that comes back removes it. */
  add(rule: FaultRule): () => void
  clear(): void
  /** The first rule's fault that this request meets, which uses up one of its times. */
  take(action: string, groupArn: string | undefined): Fault | undefined
}

/** Faults on demand. `now` is the lab's monotonic clock in milliseconds. */
export function createFaults(now: () => number): Faults {
  const rules = new Set<{ rule: FaultRule; left: number }>()
  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY }
      rules.add(entry)
      return () => {
        rules.delete(entry)
      }
    },
    clear: () => rules.clear(),
    take(action, groupArn) {
      for (const entry of rules) {
        const { rule } = entry
        if (entry.left < 1 || now() >= (rule.untilMs ?? Number.POSITIVE_INFINITY)) {
          rules.delete(entry)
          continue
        }
        if (!meets(rule, action, groupArn)) continue
        entry.left -= 1
        return rule
      }
      return undefined
    },
  }
}

const healthFaults: ReadonlySet<string> = new Set<HealthFault>(['other-pod', 'huge'])

function meets(rule: FaultRule, action: string, groupArn: string | undefined): boolean {
  if (healthFaults.has(rule.kind) && action !== 'DescribeTargetHealth') return false
  if (rule.action !== undefined && rule.action !== action) return false
  return rule.groupArn === undefined || rule.groupArn === groupArn
}
