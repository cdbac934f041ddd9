import type {
  Counted,
  Described,
  Failure,
  Found,
  FoundGroup,
  PodSeen,
  PodUnseen,
  Seen,
  Wanted,
} from '../../src/drain/ports.ts'
import type { Ask } from '../../src/drain/questions/ask.ts'
import type { GroupFacts } from '../../src/drain/target.ts'
import { arnOf, failsOpen, type GroupWorld, spanAt, stateOf, type World } from './world.ts'

/** What comes of a question, after how long, and of which instant it tells. */
export interface Reply<A> {
  readonly answer: A
  /** Infinity: never, until the question is given up. */
  readonly latencyMs: number
  /** When the answer is true. */
  readonly instantMs: number
}

const pod = '10.0.1.7'
const timeoutMs = 5_000

/** @param nth How many looks at this group there were before. */
export function lookReply(
  world: World,
  { group: arn }: Extract<Ask, { kind: 'look' }>,
  askedAtMs: number,
  nth: number,
): Reply<Seen | Failure> {
  const latencyMs = latencyOf(world, nth)
  const instantMs = askedAtMs + latencyMs * world.trueAt
  const group = groupOf(world, arn)
  const fault = spanAt(group.faults, askedAtMs)
  if (!fault) {
    const listed = nth === group.lapse ? { ...group, targets: [] } : group
    return { answer: truthOf(listed, arn, instantMs), latencyMs, instantMs }
  }
  switch (fault.kind) {
    case 'hang':
      return { answer: failed('unreachable'), latencyMs: Infinity, instantMs }
    case 'timeout':
      return { answer: failed('unreachable'), latencyMs: timeoutMs, instantMs }
    default: {
      // Of a lookout it is said after a wait for the turn that did not come (src/lookout/client/balancer.ts).
      const waits = world.limits.looking === 'by-lookout' && fault.kind === 'throttled'
      const waitedMs = waits ? Math.max(latencyMs, leastWaitMs) : latencyMs
      return { answer: failed(fault.kind), latencyMs: waitedMs, instantMs }
    }
  }
}

const leastWaitMs = 1_000

/** @param nth How many such questions about this group there were before. */
export function describeReply(
  world: World,
  { group: arn, wanted }: Pick<Extract<Ask, { kind: 'describe' }>, 'group' | 'wanted'>,
  askedAtMs: number,
  nth: number,
): Reply<Described> {
  const { delayMs, loadBalancer, targetType, undescribed } = groupOf(world, arn)
  const open = undescribed.filter(({ untilMs }) => askedAtMs < untilMs)
  const without = (what: keyof GroupFacts) =>
    open.some((hidden) => hidden.what === 'everything' || hidden.what === what)
  const isTold = (what: Wanted, fact: keyof GroupFacts) => wanted.includes(what) && !without(fact)
  const facts: GroupFacts = {
    ...(isTold('delay', 'deregistrationDelayMs') ? { deregistrationDelayMs: delayMs } : {}),
    ...(isTold('kind', 'loadBalancer') ? { loadBalancer, targetType, traffic: 'connections' } : {}),
  }
  const missing = open
    .filter(({ what }) => wanted.some((one) => what === 'everything' || factOf[one] === what))
    .map(({ kind }) => failed(kind))
  const latencyMs = latencyOf(world, nth)
  return {
    answer: { kind: 'described', facts, missing },
    latencyMs,
    instantMs: askedAtMs,
  }
}

const factOf = { delay: 'deregistrationDelayMs', kind: 'loadBalancer' } as const

/** @param nth How many searches there were before. */
export function searchReply(world: World, askedAtMs: number, nth: number): Reply<Found> {
  const told = world.search?.findLast(([fromMs]) => fromMs <= askedAtMs)?.[1]
  const groups = world.groups.flatMap((_, index): FoundGroup[] => {
    const claim = told?.claims[index] ?? 'hidden'
    return claim === 'hidden' ? [] : [{ group: arnOf(index), facts: {}, claim }]
  })
  const missing = told?.fails ? [failed(told.fails)] : []
  return {
    answer: { kind: 'found', groups, more: 0, missing, narrowed: [] },
    latencyMs: latencyOf(world, nth),
    instantMs: askedAtMs,
  }
}

/** At once: it is a file of the machine's own. */
export function countReply(
  world: World,
  ports: readonly number[],
  atMs: number,
): Counted | Failure {
  if (world.connections === 'uncountable') return failed('unreachable')
  const count = connectionsAt(world.connections, atMs)
  return { kind: 'counted', established: new Map(ports.map((port) => [port, count])) }
}

export function connectionsAt(
  connections: readonly (readonly [number, number])[],
  atMs: number,
): number {
  return connections.findLast(([fromMs]) => fromMs <= atMs)?.[1] ?? 0
}

/** @param nth How many looks at the pod there were before. */
export function podReply(world: World, askedAtMs: number, nth: number): Reply<PodSeen | PodUnseen> {
  const latencyMs = latencyOf(world, nth)
  const instantMs = askedAtMs + latencyMs * world.trueAt
  const words = world.pod
    .filter(([fromMs]) => fromMs <= instantMs)
    .map(([fromMs, word]) => whole(word, fromMs))
  const seen = words.at(-1) ?? 'unreachable'
  if (typeof seen !== 'string') return { answer: seen, latencyMs, instantMs }
  const last = words.findLast((word) => typeof word !== 'string')
  // It may have been deleted since.
  const known: PodSeen | undefined =
    last?.deletion === 'staying' ? { kind: 'pod', deletion: 'cannot-tell' } : last
  return { answer: { ...failed(seen), ...(known ? { known } : {}) }, latencyMs, instantMs }
}

/** A deletion tells when it was. */
function whole(word: PodSeen | Failure['kind'], deletedAtMs: number) {
  const isDeletion = typeof word !== 'string' && word.deletion === 'deleting'
  return isDeletion ? { ...word, deletedAtMs } : word
}

function truthOf(group: GroupWorld, arn: string, atMs: number): Seen | Failure {
  if (group.lost?.how === 'deleted' && atMs >= group.lost.atMs) return failed('gone')
  const sightings = (group.targetType === 'instance' ? [] : group.targets).flatMap((target) => {
    const state = stateOf(target, group, atMs)
    return state ? [{ target: { group: arn, id: pod, port: target.port }, ...state }] : []
  })
  const health = failsOpen(group, atMs) ? 'failing-open' : 'serving'
  const { targetType, othersDraining } = group
  return { kind: 'seen', sightings, group: health, othersDraining, targetType }
}

function groupOf(world: World, arn: string): GroupWorld {
  const found = world.groups.find((_, index) => arnOf(index) === arn)
  if (!found) throw new Error(`no group ${arn} in this world`)
  return found
}

function latencyOf({ latenciesMs }: World, nth: number): number {
  return latenciesMs[nth % latenciesMs.length] ?? 0
}

function failed(kind: Failure['kind']): Failure {
  return { kind, said: `${kind} in this world` }
}
