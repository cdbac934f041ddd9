import { between, createChance } from '../../lab/chance.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'
import { settleOf } from '../../src/drain/target.ts'
import { type Call, createAccount } from '../world/account.ts'
import { createWorldClock } from '../world/clock.ts'
import type { HookedPod, SharedWait, Wait } from '../world/wait.ts'
import { createController } from './controller.ts'

/** Pods that are deleted, at almost the same time or one after the other. Milliseconds. */
export interface FleetWorld {
  readonly pods: number
  /** The target groups, all behind ALBs of one account, that the pods are spread over. */
  readonly groups: number
  /** How many healthy targets each group has beside them, which stay. */
  readonly staying: number
  /** Within which time the pods are deleted. */
  readonly withinMs: number
  readonly delayMs: number
  readonly seed: number
}

export interface PodEnd {
  readonly outcome: string
  readonly deregisteredMs: number
  readonly releasedMs: number
  /** From the true end to the release: negative when it was released before. */
  readonly lagMs: number
  readonly traffic: 'none' | 'coming'
}

/** What came of a fleet. Times are since the first deletion. */
export interface FleetEnd {
  readonly pods: readonly PodEnd[]
  readonly podCalls: readonly Call[]
  readonly controllerCalls: readonly Call[]
}

/** Deletes a fleet, each of whose pods has a wait of its own; all share one account with a controller. */
export async function playFleet(world: FleetWorld, wait: Wait | SharedWait): Promise<FleetEnd> {
  const clock = createWorldClock()
  const chance = createChance(world.seed)
  // An ALB's: aws-load-balancer-controller #2366.
  const propagationMs = () => between(chance, [5_000, 20_000])
  const registry = createRegistry({ now: clock.now, propagationMs })
  const account = createAccount({ clock, registry, chance })
  const { groups, pods } = population(world, registry)

  const deregistered = new Map<string, { tell: (atMs: number) => void; atMs: Promise<number> }>()
  for (const { target } of pods) {
    const { resolve, promise } = Promise.withResolvers<number>()
    deregistered.set(target.id, { tell: resolve, atMs: promise })
  }
  const [controllerCalls, podCalls]: [Call[], Call[]] = [[], []]
  const api = account((call) => podCalls.push(call))
  const its =
    'share' in wait ? await clock.runUntil(wait.share({ clock, api, groups, chance })) : wait
  // What was asked beforehand is not asked for the pods.
  podCalls.length = 0
  const startMs = clock.now()
  const sinceStart = (call: Call) => ({ ...call, atMs: call.atMs - startMs })
  const controller = createController({
    ...{ clock, registry, chance, groups },
    api: account((call) => controllerCalls.push(call)),
    deregistered: ({ id }) => deregistered.get(id)?.tell(clock.now()),
  })
  async function live({ group, target }: (typeof pods)[number]): Promise<PodEnd> {
    const hooked: HookedPod = {
      ...{ clock, api, group, protocol: 'HTTP', target, connections: () => 0 },
      chance: createChance(Math.floor(chance() * 2 ** 32)),
    }
    await clock.sleep(between(chance, [0, world.withinMs]))
    // The controller hears of it in 1-10 s, the time of EndpointSlices and queues.
    controller.terminating(group, target, clock.now() + between(chance, [1_000, 10_000]))
    const outcome = await its.hold(hooked)
    const releasedMs = clock.now() - startMs
    const served = registry.inRotation(group).some(({ id }) => id === target.id)
    const deregisteredMs = ((await deregistered.get(target.id)?.atMs) ?? Infinity) - startMs
    const delayMs = wait.until === 'deregistered' ? world.delayMs : 0
    const endMs = deregisteredMs + Math.max(delayMs, settleOf('application'))
    const traffic = served ? 'coming' : 'none'
    return { outcome, deregisteredMs, releasedMs, lagMs: releasedMs - endMs, traffic }
  }

  const ends = await clock.runUntil(Promise.all(pods.map(live)))
  controller.close()
  return {
    pods: ends,
    podCalls: podCalls.map(sinceStart),
    controllerCalls: controllerCalls.map(sinceStart),
  }
}

/** Several fleets as one. */
export function together(ends: readonly FleetEnd[]): FleetEnd {
  return {
    pods: ends.flatMap(({ pods }) => pods),
    podCalls: ends.flatMap(({ podCalls }) => podCalls),
    controllerCalls: ends.flatMap(({ controllerCalls }) => controllerCalls),
  }
}

/** The groups, each with its share of the pods, and the healthy targets that stay. */
function population(world: FleetWorld, registry: ReturnType<typeof createRegistry>) {
  const groups = Array.from({ length: world.groups }, (_, i) => {
    const { arn } = registry.createGroup({
      name: `fleet-${i}`,
      deregistrationDelayMs: world.delayMs,
    })
    return arn
  })
  const pods = Array.from({ length: world.pods }, (_, i) => {
    const group = groups[i % groups.length] ?? ''
    return { group, target: { id: `10.${(i >> 16) + 1}.${(i >> 8) & 255}.${i & 255}`, port: 8080 } }
  })
  for (const [i, group] of groups.entries()) {
    const stay = Array.from({ length: world.staying }, (_, n) => {
      const nth = i * world.staying + n
      return { id: `10.128.${nth >> 8}.${nth & 255}`, port: 8080 }
    })
    const members = [...stay, ...pods.filter((pod) => pod.group === group).map((pod) => pod.target)]
    registry.register(group, members)
    for (const member of members) registry.report(group, member, 'healthy')
  }
  return { groups, pods }
}
