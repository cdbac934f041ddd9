import type { Clock } from '../src/time/clock.ts'
import { createAlb } from './alb/alb.ts'
import type { Failure } from './alb/forward.ts'
import type { HealthCheck } from './alb/health.ts'
import { type Backing, createBacking } from './backing.ts'
import type { GroupOptions } from './elbv2/group.ts'
import { createRegistry, type Registry } from './elbv2/registry.ts'
import { createKubelet, type Kubelet } from './kubelet/kubelet.ts'
import type { LogLine, PodEvent, PodSpec } from './kubelet/spec.ts'
import type { Kubernetes } from './kubernetes/kubernetes.ts'
import type { KubernetesOptions } from './kubernetes/manifests.ts'
import { createNetwork, type Network } from './network.ts'
import { createDeployment, type Rolled } from './rollout/deployment.ts'

export interface ClusterOptions {
  /** Names the deployment and its target group. */
  name: string
  replicas: number
  /** The pods' port behind the load balancer. */
  port: number
  /** How long new requests outlive one deregistration, in ms; drawn once for each. */
  propagationMs: () => number
  /** From a pod's deletion to its deregistration, in ms; drawn once for each. */
  lagMs: () => number
  /** A `defaultPort` of its own sets up the port trap: the controller registers `port` all the same. */
  group?: Omit<GroupOptions, 'name'>
  healthCheck?: HealthCheck
  requestTimeoutMs?: number
  /** How long one of the kubelet's seconds is. Default 1000. */
  secondMs?: number
  /** With an API server, in which the Deployment, its Service and its binding are. */
  kubernetes?: Pick<KubernetesOptions, 'namespace' | 'gates' | 'wallMs' | 'nodeWallMs'>
  deadlineMs?: number
  emit?: (event: PodEvent) => void
  log?: (line: LogLine) => void
  onFailure?: (failure: Failure) => void
}

/** One service on a cluster of its own: registry, ALB, controller, kubelet and deployment. */
export interface Cluster {
  /** Where clients send their requests. */
  readonly url: string
  /** The service's target group. */
  readonly arn: string
  readonly registry: Registry
  readonly network: Network
  readonly kubelet: Kubelet
  /** Where `kubernetes` was asked for. */
  readonly kubernetes: Kubernetes | undefined
  /** What happened to the pods so far, and which requests the load balancer failed. */
  readonly events: readonly PodEvent[]
  readonly failures: readonly Failure[]
  /** Rolls the service over to this pod; the first time, starts it. See `Deployment.roll`. */
  deploy(spec: PodSpec): Promise<Rolled>
  /** Kills every pod and closes every socket. */
  close(): Promise<void>
}

/** A cluster whose service has no pods yet; `deploy` starts them. */
export async function createCluster(options: ClusterOptions, clock: Clock): Promise<Cluster> {
  const { name, port, propagationMs, secondMs = 1_000, log } = options
  const events: PodEvent[] = []
  const failures: Failure[] = []
  const network = createNetwork()
  const registry = createRegistry({ now: clock.now, propagationMs })
  const { arn } = registry.createGroup({ defaultPort: port, ...options.group, name })
  const onFailure = (failure: Failure) => {
    failures.push(failure)
    options.onFailure?.(failure)
  }
  const alb = await createAlb({ ...options, arn, onFailure }, { registry, network, clock })
  const emit = (event: PodEvent) => {
    events.push(event)
    backing.follow(event)
    options.emit?.(event)
  }
  const changed = (pod: string) => backing.changed(pod)
  const kubelet = createKubelet({ network, clock, secondMs, log, emit, changed })
  const parts = { registry, clock, run: kubelet.run }
  const backing: Backing = await createBacking({ ...options, arn, secondMs }, parts)
  const deployment = createDeployment(options, { ...backing, clock })
  const { kubernetes } = backing

  return {
    ...{ url: alb.url, arn, registry, network, kubelet, kubernetes, events, failures },
    deploy: deployment.roll,
    async close() {
      deployment.close()
      // Before the pods, for what it sends to those that are killed fails.
      await alb.close()
      await kubelet.close()
      await backing.close()
    },
  }
}
