import type { Clock } from '../src/time/clock.ts'
import { type Controller, createController } from './controller/controller.ts'
import type { Registry } from './elbv2/registry.ts'
import type { Pod } from './kubelet/pod.ts'
import type { PodEvent, PodSpec } from './kubelet/spec.ts'
import { type Kubernetes, startKubernetes } from './kubernetes/kubernetes.ts'
import type { KubernetesOptions } from './kubernetes/manifests.ts'

export interface BackingOptions extends Omit<KubernetesOptions, 'namespace' | 'gates' | 'wallMs'> {
  readonly kubernetes?: Pick<KubernetesOptions, 'namespace' | 'gates' | 'wallMs' | 'nodeWallMs'>
}

export interface BackingDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly run: (name: string, spec: PodSpec) => Promise<Pod>
}

/** What stands between a deployment and the load balancer: how pods are run, registered and told of. */
export interface Backing {
  readonly kubernetes: Kubernetes | undefined
  run(name: string, spec: PodSpec): Promise<Pod>
  available(pod: Pod): boolean
  /** Hears of what the kubelet does, and of pods of which there may be something new to tell. */
  follow(event: PodEvent): void
  changed(pod: string): void
  close(): Promise<void>
}

/** An API server with all that goes through it; or, where none was asked for, the controller alone. */
export async function createBacking(options: BackingOptions, deps: BackingDeps): Promise<Backing> {
  if (options.kubernetes) {
    const kubernetes = await startKubernetes({ ...options, ...options.kubernetes }, deps)
    return { ...kubernetes, kubernetes }
  }
  const controller = createController(options, { ...deps, balancer: deps.registry })
  return {
    ...{ kubernetes: undefined, run: deps.run, close: controller.close },
    available: (pod) => pod.ready() && controller.gate(pod.ip),
    follow: (event) => tell(controller, event),
    changed: () => undefined,
  }
}

function tell(controller: Controller, { kind, ip }: PodEvent): void {
  if (kind === 'ready') controller.ready(ip)
  if (kind === 'unready') controller.unready(ip)
  if (kind === 'deleted') controller.terminating(ip)
}
