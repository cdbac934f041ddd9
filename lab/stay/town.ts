import { join } from 'node:path'
import type { Clock } from '../../src/time/clock.ts'
import { between, createChance } from '../chance.ts'
import { type Cluster, createCluster } from '../cluster.ts'
import { startAws } from '../elbv2/aws.ts'
import type { Pod } from '../kubelet/pod.ts'
import type { ContainerSpec, LogLine, Place, PodEvent, PodSpec } from '../kubelet/spec.ts'
import { leastRules, type Rule } from '../kubernetes/access.ts'
import { pods } from '../kubernetes/resources.ts'
import { type Lookouts, startLookouts } from '../lookout/lookouts.ts'
import { createEntrances, type Entrances } from './entrances.ts'

export interface Audience {
  event(event: PodEvent): void
  line(line: LogLine): void
}

/** A cluster that stays: three pods behind a load balancer, whose sidecars ask two lookouts. */
export interface Town {
  readonly cluster: Cluster
  readonly lookouts: Lookouts
  readonly entrances: Entrances
  /** Starts a pod; resolves when it serves. */
  run(): Promise<Pod>
  /** Deletes a pod, and starts another in its place; undefined where there is none of the name to delete. */
  remove(pod: string): Promise<Pod> | undefined
  /** The URL of a pod's sidecar. */
  hookUrl(pod: Pod): string
  /** Puts new tokens in the place of those that will end. */
  rotate(): void
  close(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/draingate.js')
const namespace = 'shop'
const [appPort, hookPort] = [8080, 8089]

/** Slow enough to be watched, and as slow as AWS. Milliseconds. */
export const pace = { delayMs: 30_000, graceMs: 60_000 } as const

/** For `doctor --all`: the value `lookout.listPods` of the chart. */
const listPods: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] }

export async function createTown(audience: Audience, clock: Clock): Promise<Town> {
  const chance = createChance(7)
  const cluster = await createCluster(
    {
      ...{ name: 'web', replicas: 3, port: appPort, emit: audience.event, log: audience.line },
      lagMs: () => between(chance, [1_000, 4_500]),
      propagationMs: () => between(chance, [5_000, 20_000]),
      group: { deregistrationDelayMs: pace.delayMs },
      healthCheck: { intervalMs: 1_000, healthyThreshold: 2, unhealthyThreshold: 2 },
      kubernetes: { namespace, gates: 'injected', wallMs: Date.now },
    },
    clock,
  )
  const { kubernetes } = cluster
  if (!kubernetes) throw new Error('no API server')
  const aws = await startAws({ registry: cluster.registry, now: clock.now })
  // The lookouts do for the pods all that they would need it for.
  kubernetes.access.grant(namespace, 'web', [])
  const entrances = await createEntrances(main)
  const lookouts = await startLookouts(
    { count: 2, main, aws: aws.environment, rules: [...leastRules, listPods] },
    kubernetes,
  )
  for (const { name, ownUrl } of lookouts.all) {
    const { host } = new URL(ownUrl())
    entrances.put(name, { ...lookouts.environmentOf(name), LISTEN_ADDRESS: host })
  }
  // Doctor looks whether hooks call the port on which draingate listens. It is the lab that has it on another one.
  const asInThePod = { LISTEN_ADDRESS: `[::]:${hookPort}` }
  let count = 0

  async function run(): Promise<Pod> {
    count += 1
    const pod = `web-${count}`
    const running = await kubernetes?.run(
      pod,
      podSpec(entrances.left(pod, asInThePod), lookouts.url),
    )
    if (!running) throw new Error(`${pod} was not started`)
    while (!kubernetes?.available(running)) {
      await clock.sleepUntil(clock.now() + 100, new AbortController().signal)
    }
    return running
  }

  return {
    ...{ cluster, lookouts, entrances, run },
    remove(name) {
      const pod = cluster.kubelet.pods().find((one) => one.name === name)
      if (!pod || kubernetes.store.get(pods, namespace, name).metadata.deletionTimestamp)
        return undefined
      kubernetes.store.delete(pods, namespace, name)
      return run()
    },
    hookUrl: ({ ip }) => `http://127.0.0.1:${cluster.network.resolve(ip, hookPort)}`,
    rotate() {
      lookouts.rotate()
      for (const { name } of cluster.kubelet.pods()) kubernetes.rotate(name)
    },
    async close() {
      await cluster.close()
      await lookouts.close()
      await aws.close()
      entrances.remove()
    },
  }
}

function podSpec(command: [string, ...string[]], lookoutUrl: string): PodSpec {
  const app: ContainerSpec = {
    ...{ name: 'app', command: [process.execPath, join(root, 'lab/app/server.ts')], port: appPort },
    readiness: { path: '/', port: appPort, periodMs: 500 },
    preStop: { httpGet: { port: hookPort, path: '/prestop' } },
  }
  const sidecar: ContainerSpec = {
    ...{ name: 'draingate', command, port: hookPort, lookoutToken: 'projected' },
    readiness: { path: '/readyz', port: hookPort, periodMs: 500 },
    settings: { LOOKOUT_URL: lookoutUrl },
    env: ({ loopbackPort }: Place) => ({
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
    }),
  }
  return { containers: [app], nativeSidecars: [sidecar], gracePeriodMs: pace.graceMs }
}
