import { between } from '../../lab/chance.ts'
import type { TargetRef } from '../../lab/elbv2/health.ts'
import type { Registry } from '../../lab/elbv2/registry.ts'
import { type Api, latencyMs } from '../world/account.ts'
import type { WorldClock } from '../world/clock.ts'

export interface ControllerDeps {
  readonly clock: WorldClock
  readonly api: Api
  readonly registry: Registry
  readonly chance: () => number
  /** ARNs of the groups that it keeps. */
  readonly groups: readonly string[]
  /** Hears of each deregistration as it happens. */
  readonly deregistered: (target: TargetRef) => void
}

export interface Controller {
  /** A pod terminates; its deregistration may begin at an instant. */
  terminating(group: string, target: TargetRef, fromMs: number): void
  close(): void
}

/** Two Describe calls a second, whatever there is to do: 3 workers beside other groups and Ingresses. */
const callEveryMs = 500
/** aws-load-balancer-controller, targets_manager.go: defaultDeregisterTargetsChunkSize. */
const chunk = 200

/**
 * The load balancer controller of an account, as far as the API's budget is concerned. It lists a
 * group's targets before it deregisters those of its pods that terminate, all that there are by then,
 * in chunks (targets_manager.go). Throttled, it tries again later and later, and meanwhile deregisters
 * nothing of that group. When no pod terminates, its calls are for something else.
 */
export function createController(deps: ControllerDeps): Controller {
  const { clock, chance, groups } = deps
  const leaving = new Map<string, { target: TargetRef; fromMs: number }[]>()
  const busy = new Set<string>()
  let isClosed = false
  void work()

  async function work(): Promise<void> {
    while (!isClosed) {
      const group = longestWaiting() ?? groups[Math.floor(chance() * groups.length)]
      if (group !== undefined && !busy.has(group)) void reconcile(group)
      await clock.sleep(callEveryMs * between(chance, [0.75, 1.25]))
    }
  }

  function longestWaiting(): string | undefined {
    let [first, firstMs] = [undefined as string | undefined, clock.now()]
    for (const [group, [earliest]] of leaving) {
      if (busy.has(group) || !earliest || earliest.fromMs > firstMs) continue
      first = group
      firstMs = earliest.fromMs
    }
    return first
  }

  async function reconcile(group: string): Promise<void> {
    busy.add(group)
    // The Go SDK's back-off: up to 1 s, 2 s, 4 s ... 20 s (retry.ExponentialJitterBackoff).
    for (let tries = 0; ; tries += 1) {
      if ((await deps.api.targetHealth(group)) !== 'throttled') break
      await clock.sleep(Math.min(1_000 * 2 ** tries, 20_000) * chance())
    }
    const waiting = leaving.get(group) ?? []
    const due = waiting.filter(({ fromMs }) => fromMs <= clock.now())
    leaving.set(
      group,
      waiting.filter((one) => !due.includes(one)),
    )
    for (let from = 0; from < due.length; from += chunk) {
      // DeregisterTargets has a budget of its own.
      await clock.sleep(between(chance, latencyMs))
      const targets = due.slice(from, from + chunk).map(({ target }) => target)
      deps.registry.deregister(group, targets)
      for (const target of targets) deps.deregistered(target)
    }
    busy.delete(group)
  }

  return {
    terminating(group, target, fromMs) {
      const waiting = leaving.get(group) ?? []
      leaving.set(
        group,
        [...waiting, { target, fromMs }].sort((a, b) => a.fromMs - b.fromMs),
      )
    },
    close() {
      isClosed = true
    },
  }
}
