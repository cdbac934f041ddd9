import type { Clock } from '../../src/time/clock.ts'
import type { Registry } from '../elbv2/registry.ts'
import { setCondition } from '../kubernetes/condition.ts'
import type { Condition, Pod } from '../kubernetes/objects.ts'
import { controllerBindings, namespaces, pods, services } from '../kubernetes/resources.ts'
import { serviceSelects } from '../kubernetes/selector.ts'
import type { Store } from '../kubernetes/store.ts'
import { timestampOf } from '../kubernetes/timestamp.ts'
import type { Balancer } from './controller.ts'

export interface BindingsDeps {
  readonly store: Store
  readonly registry: Pick<Registry, 'describe' | 'groups'>
  readonly balancer: Balancer
  readonly clock: Clock
  /** From a pod's termination to its deregistration, in ms: drawn once for each binding of a pod. */
  readonly lagMs: () => number
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number
}

/** What a binding wants of a pod. */
export interface Wish {
  readonly arn: string
  readonly port: number
  readonly ip: string
  readonly pod: string
  readonly binding: string
  readonly state: 'ready' | 'unready' | 'terminating'
}

/** Pod readiness gates: conditions that tell of a target's health. */
export interface Gates {
  /** Tells of this target in its pod's condition, until it is healthy or the pod is deleted. */
  watch(namespace: string, wish: Wish): void
  /** Resolves when nobody is told any more. */
  close(): Promise<void>
}

/** The type of the condition that tells of a binding (AWS Load Balancer Controller, pod readiness gate). */
export const gateOf = (binding: string) => `target-health.elbv2.k8s.aws/${binding}`

const injectLabel = 'elbv2.k8s.aws/pod-readiness-gate-inject'
const lookEveryMs = 20

/**
 * Injects gates into pods from now on, as the controller's webhook does: where the namespace asks for it,
 * for each binding whose Service selects the pod. Pods that are there already get none.
 */
export function createGates(deps: BindingsDeps): Gates {
  const { store, clock, registry, wallMs } = deps
  const closing = new AbortController()
  const { signal } = closing
  const watched = new Set<Promise<void>>()
  store.admit(pods, (namespace, pod) => withGates(store, namespace, pod))

  /** True when there is nothing to wait for any more. */
  function look(namespace: string, { arn, ip, port, pod: name, binding }: Wish): boolean {
    const pod = store.list(pods, namespace).find(({ metadata }) => metadata.name === name)
    const type = gateOf(binding)
    const gated = pod?.spec?.readinessGates?.some(({ conditionType }) => conditionType === type)
    if (!gated || pod?.metadata.deletionTimestamp !== undefined) return true
    const [target] = registry.describe(arn, [{ id: ip, port }])
    const healthy = target?.state === 'healthy'
    const { reason, description: message } = target ?? {}
    const condition: Condition = {
      ...{ type, status: healthy ? 'True' : 'False' },
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
    }
    put(namespace, name, condition)
    return healthy
  }

  function put(namespace: string, name: string, condition: Condition): void {
    const { conditions = [] } = store.get(pods, namespace, name).status ?? {}
    const { status, reason } = conditions.find(({ type }) => type === condition.type) ?? {}
    if (status === condition.status && reason === condition.reason) return
    const now = timestampOf(wallMs())
    store.update(pods, namespace, name, (pod) => ({
      ...pod,
      status: { ...pod.status, conditions: setCondition(conditions, condition, now) },
    }))
  }

  async function watch(namespace: string, wish: Wish): Promise<void> {
    while (!signal.aborted && !look(namespace, wish)) {
      await clock.sleepUntil(clock.now() + lookEveryMs, signal)
    }
  }

  return {
    watch(namespace, wish) {
      const watching = watch(namespace, wish).finally(() => watched.delete(watching))
      watched.add(watching)
    },
    async close() {
      closing.abort()
      await Promise.all(watched)
    },
  }
}

function withGates(store: Store, namespace: string, pod: Pod): Pod {
  const label = store.list(namespaces, '').find(({ metadata }) => metadata.name === namespace)
  if (label?.metadata.labels?.[injectLabel] !== 'enabled') return pod
  const selecting = store
    .list(services, namespace)
    .filter(({ spec }) => serviceSelects(spec?.selector, pod.metadata.labels))
    .map(({ metadata }) => metadata.name)
  const injected = store
    .list(controllerBindings, namespace)
    .filter(({ spec }) => spec?.targetType !== 'instance')
    .filter(({ spec }) => selecting.includes(spec?.serviceRef?.name))
    .map(({ metadata }) => ({ conditionType: gateOf(metadata.name ?? '') }))
  const own = pod.spec?.readinessGates ?? []
  const missing = injected.filter(
    ({ conditionType }) => !own.some((gate) => gate.conditionType === conditionType),
  )
  return { ...pod, spec: { ...pod.spec, readinessGates: [...own, ...missing] } }
}
