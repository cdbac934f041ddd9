import type { Clock } from '../../src/time/clock.ts'
import { between, createChance } from '../chance.ts'
import { type Cluster, createCluster } from '../cluster.ts'
import { startAws } from '../elbv2/aws.ts'
import type { LogLine, PodEvent } from '../kubelet/spec.ts'
import { type Load, startLoad } from '../load/load.ts'
import type { Record } from './record.ts'
import { podOf, type Scenario, world } from './scenario.ts'

/** Hears what happens while it happens. */
export interface Audience {
  event(event: PodEvent): void
  line(line: LogLine): void
  /** Requests come from now on. */
  loaded(load: Load): void
}

/**
 * Plays one rolling update on a cluster of its own, under load from before its start until after its
 * end. The same seed gives the same luck: the nth pod to leave meets the same lags in each scenario.
 */
export async function play(
  scenario: Scenario,
  seed: number,
  clock: Clock,
  audience: Audience,
): Promise<Record> {
  const over = new AbortController()
  const cluster = await createCluster({ ...luck(seed), ...shape(audience) }, clock)
  const aws = await startAws({ registry: cluster.registry, now: clock.now })
  try {
    const pod = podOf(scenario, aws)
    await cluster.deploy(pod)
    const { requestsPerSecond: perSecond } = world
    const load = startLoad({ url: cluster.url, perSecond, durationMs: 180_000 }, clock)
    const sightings = watch(cluster, clock, over.signal)
    audience.loaded(load)
    await clock.sleepUntil(clock.now() + 500, over.signal)
    const rolled = await cluster.deploy(pod)
    const goneMs = await rolled.gone
    await untilNobodySendsToTheDead(cluster, clock, over.signal)
    const samples = await load.close()
    return {
      ...{ name: scenario.name, samples, sightings, goneMs, startedMs: rolled.startedMs },
      events: [...cluster.events],
      failures: [...cluster.failures],
    }
  } finally {
    over.abort()
    await cluster.close()
    await aws.close()
  }
}

/** An update is over for the clients when the load balancer has forgotten the last pod that is gone. */
async function untilNobodySendsToTheDead(cluster: Cluster, clock: Clock, signal: AbortSignal) {
  const { registry, arn, kubelet } = cluster
  const living = new Set(kubelet.pods().map(({ ip }) => ip))
  while (registry.inRotation(arn).some(({ id }) => !living.has(id))) {
    await clock.sleepUntil(clock.now() + 100, signal)
  }
}

function luck(seed: number) {
  const [lag, propagation] = [createChance(seed), createChance(seed + 1)]
  return {
    lagMs: () => between(lag, lag() < world.slowShare ? world.slowLagMs : world.lagMs),
    propagationMs: () => between(propagation, world.propagationMs),
  }
}

function shape(audience: Audience) {
  return {
    name: 'web',
    replicas: world.replicas,
    port: 8080,
    group: { deregistrationDelayMs: world.deregistrationDelayMs },
    healthCheck: { intervalMs: 1_000, healthyThreshold: 2, unhealthyThreshold: 2 },
    kubernetes: { namespace: 'shop', gates: 'injected', wallMs: Date.now } as const,
    deadlineMs: 120_000,
    emit: audience.event,
    log: audience.line,
  }
}

/** What the load balancer shows, look by look. */
function watch({ registry, arn }: Cluster, clock: Clock, signal: AbortSignal) {
  const sightings: { atMs: number; ip: string; state: string }[] = []
  const known = new Set<string>()
  const look = async () => {
    while (!signal.aborted) {
      const listed = new Map(registry.describe(arn).map(({ id, state }) => [id, state]))
      for (const ip of listed.keys()) known.add(ip)
      const atMs = clock.now()
      for (const ip of known) sightings.push({ atMs, ip, state: listed.get(ip) ?? 'unused' })
      await clock.sleepUntil(atMs + 50, signal)
    }
  }
  void look()
  return sightings
}
