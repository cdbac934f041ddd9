import { join } from 'node:path'
import type { Test } from 'tap'
import { type Cluster, type ClusterOptions, createCluster } from '../../lab/cluster.ts'
import { type Aws, startAws } from '../../lab/elbv2/aws.ts'
import type { ContainerSpec, Place, PodSpec } from '../../lab/kubelet/spec.ts'
import type { Kubernetes } from '../../lab/kubernetes/kubernetes.ts'
import { clock } from '../../src/time/clock.ts'

const root = join(import.meta.dirname, '../..')
const [appPort, hookPort] = [8080, 8089]

export interface LabOptions {
  readonly cluster?: Partial<ClusterOptions>
  /** The sidecar's settings. */
  readonly env?: Readonly<Record<string, string>>
  readonly responseMs?: number
  readonly gracePeriodMs?: number
}

/** How the load balancer stood to a pod when its hook was answered. */
export interface Release {
  readonly pod: string
  /** What it showed: of a target that is gone, nothing. */
  readonly states: readonly string[]
  /** Whether it still sent requests, whatever it showed. */
  readonly requests: 'come' | 'none'
}

export interface LabScene {
  readonly cluster: Cluster
  readonly kubernetes: Kubernetes
  readonly aws: Aws
  readonly spec: PodSpec
  readonly releases: readonly Release[]
  readonly log: (pod: string) => string
  /** Waits until a pod has said it. */
  readonly said: (pod: string, text: string) => Promise<void>
}

/** Pods behind a load balancer, whose sidecars are told nothing of it. */
export async function startLab(t: Test, options: LabOptions = {}): Promise<LabScene> {
  const lines: { pod: string; text: string }[] = []
  const releases: Release[] = []
  const cluster = await createCluster(
    {
      ...{ name: 'web', replicas: 1, port: appPort, deadlineMs: 90_000 },
      lagMs: () => 500,
      propagationMs: () => 1_000,
      group: { deregistrationDelayMs: 4_000 },
      healthCheck: { path: '/healthz', intervalMs: 200 },
      kubernetes: { namespace: 'shop', gates: 'injected', wallMs: Date.now },
      ...options.cluster,
      log: (line) => lines.push(line),
      emit({ kind, container, pod, ip }) {
        if (kind !== 'hook-ended' || container !== 'app') return
        const { registry, arn } = cluster
        const states = registry.describe(arn).flatMap(({ id, state }) => (id === ip ? state : []))
        const isServed = registry.inRotation(arn).some(({ id }) => id === ip)
        releases.push({ pod, states, requests: isServed ? 'come' : 'none' })
      },
    },
    clock,
  )
  t.teardown(() => cluster.close())
  const aws = await startAws({ registry: cluster.registry, now: clock.now })
  t.teardown(() => aws.close())
  const { kubernetes } = cluster
  if (!kubernetes) throw new Error('no API server')
  const log = (pod: string) =>
    lines
      .filter((line) => line.pod === pod)
      .map(({ text }) => text)
      .join('\n')
  return {
    ...{ cluster, kubernetes, aws, releases, log },
    spec: podSpec(options, aws.environment),
    async said(pod, text) {
      for (let tries = 0; !log(pod).includes(text); tries++) {
        if (tries > 600) throw new Error(`never said: ${text}`)
        await pause(50)
      }
    },
  }
}

function podSpec(
  { env, responseMs = 0, gracePeriodMs = 60_000 }: LabOptions,
  aws: Readonly<Record<string, string>>,
): PodSpec {
  const app: ContainerSpec = {
    ...{ name: 'app', command: [process.execPath, join(root, 'lab/app/server.ts')], port: appPort },
    env: () => ({ RESPONSE_MS: String(responseMs) }),
    readiness: { path: '/healthz', port: appPort, periodMs: 200 },
    preStop: { httpGet: { port: hookPort, path: '/prestop' } },
  }
  const sidecar: ContainerSpec = {
    ...{ name: 'draingate', command: [process.execPath, join(root, 'src/main.ts')] },
    port: hookPort,
    readiness: { path: '/readyz', port: hookPort, periodMs: 200 },
    env: ({ loopbackPort }: Place) => ({
      ...aws,
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      SETTLE_SECONDS: '2',
      RESERVE_SECONDS: '3',
      ...env,
    }),
  }
  return { containers: [app], nativeSidecars: [sidecar], gracePeriodMs }
}

export function pause(ms: number): Promise<void> {
  return clock.sleepUntil(clock.now() + ms, new AbortController().signal)
}
