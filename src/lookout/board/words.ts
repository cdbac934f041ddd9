import { endedBadly, mayEndBadly } from './order.ts'
import type { DrainPhase } from './stand.ts'
import type { DrainView } from './view.ts'

/** `48 s`, `4 min 12 s`, `1 h 4 min`. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds} s`
  if (minutes < 60) return joined(`${minutes} min`, seconds % 60, 's')
  return joined(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min')
}

function joined(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`
}

/** What a phase means to a person. */
export const phaseWords: Readonly<Record<DrainPhase, string>> = {
  unknown: 'not seen yet',
  registered: 'in service',
  draining: 'draining',
  gone: 'out of service',
}

/** Where a drain stands, in a word or two. */
export function standWords({ state, outcome, phases }: DrainView): string {
  if (state === 'lost') return 'lost'
  return outcome ?? phaseWords[phases.at(-1)?.phase ?? 'unknown']
}

/** What has to be said of it: how it ended badly, what is in its way; undefined where all is well. */
export function complaintOf(view: DrainView): string | undefined {
  const { state, because, trouble, expectedMs = 0, deadlineMs } = view
  if (state === 'lost') return 'nothing was heard of it since, and its time is up'
  if (endedBadly(view)) return because
  if (!mayEndBadly(view)) return undefined
  const missing = durationOf(expectedMs - deadlineMs)
  return trouble ?? `its time is up ${missing} before the end that is expected`
}

/** A name a person knows the target group by: that in its ARN. */
export function groupName(arn: string): string {
  return arn.split(':targetgroup/')[1]?.split('/')[0] ?? arn
}
