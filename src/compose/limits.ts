import type { Limits } from '../drain/judgement/limits.ts'
import { graceOf, type Settings } from '../settings/settings.ts'

/** What bounds a drain, as the settings say. */
export function limitsOf(settings: Settings): Limits {
  const settleMs = settings.SETTLE_SECONDS
  return {
    graceMs: graceOf(settings),
    reserveMs: settings.RESERVE_SECONDS,
    fallbackMs: settings.FALLBACK_SECONDS,
    ...(settleMs === undefined ? {} : { settleMs }),
    releaseWhen: settings.RELEASE_WHEN,
    idleMs: settings.IDLE_SECONDS,
    restartMs: settings.RESTART_SECONDS,
    callsPerSecond: settings.API_CALLS_PER_SECOND,
    looking: settings.LOOKOUT_URL.length > 0 ? 'by-lookout' : 'by-itself',
    spread: drawn(),
  }
}

/** From 0 to 1: what keeps pods that begin together from doing everything together. */
export function drawn(): number {
  return Math.random()
}
