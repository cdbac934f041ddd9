import type { Events, PodEvent } from './cluster/events.ts'
import type { Change } from './drain/changes.ts'
import type { Outcome } from './drain/policy.ts'
import type { Report } from './drain/report.ts'
import { graceAdvice } from './log.ts'
import { leaveTerminationMessage } from './termination-message.ts'

/** What `kubectl describe pod` shows of a drain: its events, and the container's last words. */
export function tellStart(events: Events | undefined): void {
  const message = 'preStop hook held until the load balancer has let this pod go'
  events?.emit({ reason: 'DrainStarted', type: 'Normal', message })
}

export function tellChange(events: Events | undefined, change: Change): void {
  if (change.kind !== 'grace-too-short') return
  events?.emit({
    reason: 'MisconfiguredGracePeriod',
    type: 'Warning',
    message: graceAdvice(change),
  })
}

export function tellRelease(
  events: Events | undefined,
  terminationMessagePath: string,
  report: Report,
  outcome: Outcome,
): void {
  const message = lastWords(report)
  events?.emit({ ...kindOfEvent(outcome), message })
  leaveTerminationMessage(terminationMessagePath, message)
}

function kindOfEvent({ kind }: Outcome): Pick<PodEvent, 'reason' | 'type'> {
  if (kind === 'deadline') return { reason: 'DrainDeadlineExceeded', type: 'Warning' }
  if (kind === 'fallback') return { reason: 'DrainFallback', type: 'Warning' }
  return { reason: 'Drained', type: 'Normal' }
}

/** `deregistered after 41.2 s and 6 looks (0 throttled, API 0.3 s, hooks 1): every target ...` */
function lastWords(report: Report): string {
  const { outcome, because, heldSeconds, looks, throttled, apiSeconds, hooks } = report
  const figures = `${throttled} throttled, API ${apiSeconds} s, hooks ${hooks}`
  return `${outcome} after ${heldSeconds} s and ${looks} looks (${figures}): ${because}`
}
