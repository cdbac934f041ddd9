import type { Events } from '../cluster/events.ts'
import type { PodEvent } from '../cluster/finding/event.ts'
import type { Change } from '../drain/account/change.ts'
import type { Report } from '../drain/account/report.ts'
import { graceAdvice } from './log.ts'
import { leaveTerminationMessage } from './termination-message.ts'

/** What `kubectl describe pod` shows of a drain: its events, and the container's last words. */
export function tellChange(events: Events | undefined, change: Change): void {
  if (change.kind === 'leaving') {
    const message = 'preStop hook held until the load balancer has let this pod go'
    events?.emit({ reason: 'DrainStarted', type: 'Normal', message })
  }
  if (change.kind === 'grace-too-short') {
    const message = graceAdvice(change)
    events?.emit({ reason: 'MisconfiguredGracePeriod', type: 'Warning', message })
  }
}

export function tellRelease(
  events: Events | undefined,
  terminationMessagePath: string,
  report: Report,
): void {
  // A container that restarts is not the pod's end, and whoever calls the hook for fun is not told of.
  if (report.outcome === 'not-terminating') return
  const message = lastWords(report)
  events?.emit({ ...kindOfEvent(report), message })
  leaveTerminationMessage(terminationMessagePath, message)
}

function kindOfEvent({ outcome, severity }: Report): Pick<PodEvent, 'reason' | 'type'> {
  if (severity !== 'warning') return { reason: 'Drained', type: 'Normal' }
  if (outcome === 'deadline') return { reason: 'DrainDeadlineExceeded', type: 'Warning' }
  if (outcome === 'fallback') return { reason: 'DrainFallback', type: 'Warning' }
  return { reason: 'DrainUnregistered', type: 'Warning' }
}

/** `deregistered after 41.2 s and 6 looks (0 throttled, API 0.3 s, hooks 1): every target ...` */
function lastWords(report: Report): string {
  const { outcome, because, heldSeconds, looks, throttled, apiSeconds, hooks } = report
  const figures = `${throttled} throttled, API ${apiSeconds} s, hooks ${hooks}`
  return `${outcome} after ${heldSeconds} s and ${looks} looks (${figures}): ${because}`
}
