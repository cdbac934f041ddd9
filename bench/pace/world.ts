import { between, createChance } from '../../lab/chance.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'
import { settleOf } from '../../src/drain/target.ts'
import { createAccount } from '../world/account.ts'
import { createWorldClock } from '../world/clock.ts'
import { idleMs } from '../world/draingate.ts'
import type { Wait } from '../world/wait.ts'

export type LoadBalancer = 'ALB' | 'NLB'

/** What one hook is up against. Milliseconds since the hook was called. */
export interface PaceWorld {
  readonly loadBalancer: LoadBalancer
  /** The group's deregistration delay. */
  readonly delayMs: number
  /** When the controller deregisters the pod. */
  readonly lagMs: number
  /** For how long requests come after that. */
  readonly propagationMs: number
  /** For how long after the last request its connection stays. */
  readonly lingerMs: number
  /** Whatever else is left to chance: latencies, jitter. */
  readonly seed: number
}

/** What came of it. */
export interface Held {
  /** DescribeTargetHealth. */
  readonly looks: number
  /** Those of them that named no target. */
  readonly listings: number
  /** Any other calls. */
  readonly others: number
  readonly heldMs: number
  /** From the true end to the release: negative when it was released before. */
  readonly lagMs: number
  /** Whether the load balancer still sent requests. */
  readonly traffic: 'none' | 'coming'
  readonly outcome: string
}

/**
 * A world by chance. The controller takes 1-10 s. New requests come for 5-20 s after that on an ALB
 * (aws-load-balancer-controller #2366), for 10-120 s on an NLB (#1834, #3270).
 */
export function paceWorld(loadBalancer: LoadBalancer, delayMs: number, seed: number): PaceWorld {
  const chance = createChance(seed)
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 8; i += 1) chance()
  return {
    ...{ loadBalancer, delayMs },
    lagMs: between(chance, [1_000, 10_000]),
    propagationMs: between(chance, loadBalancer === 'ALB' ? [5_000, 20_000] : [10_000, 120_000]),
    lingerMs: between(chance, [0, 60_000]),
    seed: Math.floor(chance() * 2 ** 32),
  }
}

/** Lets one hook be held by one wait in one world. */
export async function holdIn(world: PaceWorld, wait: Wait): Promise<Held> {
  const clock = createWorldClock()
  const chance = createChance(world.seed)
  const registry = createRegistry({ now: clock.now, propagationMs: () => world.propagationMs })
  const protocol = world.loadBalancer === 'ALB' ? 'HTTP' : 'TCP'
  const { arn } = registry.createGroup({
    name: 'pace',
    protocol,
    deregistrationDelayMs: world.delayMs,
  })
  const [target, other] = [
    { id: '10.0.1.7', port: 8080 },
    { id: '10.0.1.8', port: 8080 },
  ]
  registry.register(arn, [target, other])
  registry.report(arn, target, 'healthy')
  registry.report(arn, other, 'healthy')

  const calls = { looks: 0, listings: 0, others: 0 }
  const api = createAccount({ clock, registry, chance })(({ action, view }) => {
    calls[action === 'DescribeTargetHealth' ? 'looks' : 'others'] += 1
    if (view === 'listing') calls.listings += 1
  })
  void clock.sleep(world.lagMs).then(() => registry.deregister(arn, [target]))
  const lastMs = world.lagMs + world.propagationMs + world.lingerMs
  const connections = () => (clock.now() < lastMs ? 1 : 0)
  const pod = { clock, api, group: arn, protocol, target, chance, connections }
  const outcome = await clock.runUntil(wait.hold(pod))
  const heldMs = clock.now()
  const served = registry.inRotation(arn).some(({ id }) => id === target.id)
  const traffic = served ? 'coming' : 'none'
  return { ...calls, heldMs, lagMs: heldMs - trueEndMs(world, wait.until), traffic, outcome }
}

/**
 * When a hook that knew everything would be answered. The settle time is part of it: until it is over
 * nobody can know that no request comes.
 */
export function trueEndMs(world: PaceWorld, until: Wait['until']): number {
  const kind = world.loadBalancer === 'ALB' ? 'application' : 'network'
  const settledMs = world.lagMs + settleOf(kind)
  if (until === 'settled') return settledMs
  const finishedMs = Math.max(world.lagMs + world.delayMs, settledMs)
  if (until === 'deregistered') return finishedMs
  const idleAtMs = world.lagMs + world.propagationMs + world.lingerMs + idleMs
  return Math.min(finishedMs, Math.max(settledMs, idleAtMs))
}
