import type { Clock } from '../../src/time/clock.ts'
import type { TargetHealth } from '../elbv2/health.ts'
import type { Registry } from '../elbv2/registry.ts'
import type { Network } from '../network.ts'

/** A target group's health check; the defaults are those of an ALB target group. */
export interface HealthCheck {
  /** Default `/`. */
  path?: string
  /** Default 30 000. */
  intervalMs?: number
  /** Default 5000. */
  timeoutMs?: number
  /** Passes in a row that make an unhealthy target healthy. Default 5. */
  healthyThreshold?: number
  /** Misses in a row that make a target unhealthy. Default 2. */
  unhealthyThreshold?: number
}

export interface HealthDeps {
  arn: string
  registry: Pick<Registry, 'describe' | 'report'>
  network: Pick<Network, 'ask'>
  clock: Clock
  signal: AbortSignal
}

/** Passes (above 0) or misses (below 0) in a row. */
type Streak = number

const checked = ['initial', 'healthy', 'unhealthy']

/** Checks every registered target at each interval, until the signal aborts; reports each change. */
export async function watchHealth(check: HealthCheck, deps: HealthDeps): Promise<void> {
  const { path = '/', intervalMs = 30_000, timeoutMs = 5000 } = check
  const { arn, registry, clock, signal } = deps
  let streaks = new Map<string, Streak>()

  // By id and port, for the state may have changed while the target was asked.
  const stateOf = ({ id, port }: TargetHealth) => registry.describe(arn, [{ id, port }])[0]?.state

  async function look(target: TargetHealth, before: Streak): Promise<[string, Streak]> {
    const { id: ip, port } = target
    const question = { ip, port, path, userAgent: 'ELB-HealthChecker/2.0', timeoutMs, signal }
    const streak = next(before, (await deps.network.ask(question)) === 200)
    const health = signal.aborted ? undefined : verdict(stateOf(target), streak, check)
    if (health !== undefined) registry.report(arn, { id: ip, port }, health)
    return [key(target), streak]
  }

  while (!signal.aborted) {
    const startedMs = clock.now()
    const targets = registry.describe(arn).filter(({ state }) => checked.includes(state))
    const looks = targets.map((target) => look(target, streaks.get(key(target)) ?? 0))
    streaks = new Map(await Promise.all(looks))
    await clock.sleepUntil(startedMs + intervalMs, signal)
  }
}

const key = ({ id, port }: TargetHealth) => `${id}:${port}`

const next = (streak: Streak, passed: boolean): Streak =>
  passed ? Math.max(streak, 0) + 1 : Math.min(streak, 0) - 1

/**
 * What a streak says about a target in a state; undefined while it changes nothing. A new target
 * needs one pass only (AWS: "after your target is registered, it must pass one health check").
 */
function verdict(
  state: string | undefined,
  streak: Streak,
  { healthyThreshold = 5, unhealthyThreshold = 2 }: HealthCheck,
): 'healthy' | 'unhealthy' | undefined {
  if (state === undefined || !checked.includes(state)) return undefined
  if (streak >= (state === 'initial' ? 1 : healthyThreshold)) return 'healthy'
  return -streak >= unhealthyThreshold ? 'unhealthy' : undefined
}
