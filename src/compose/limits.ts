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
    // A lookout keeps the budget for all who ask it.
    callsPerSecond: settings.LOOKOUT_URL.length > 0 ? Infinity : settings.API_CALLS_PER_SECOND,
    spread: Math.random(),
  }
}
