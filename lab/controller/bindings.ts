import { isTrue } from '../kubernetes/condition.ts'
import type { Pod, Service, TargetGroupBinding } from '../kubernetes/objects.ts'
import {
  autoModeBindings,
  controllerBindings,
  pods,
  type Resource,
  services,
} from '../kubernetes/resources.ts'
import { serviceSelects } from '../kubernetes/selector.ts'
import { type Controller, createController } from './controller.ts'
import { type BindingsDeps, createGates, type Wish } from './gates.ts'

/** The load balancer controller of a cluster. */
export interface BindingsController {
  /** Resolves when nothing is being done any more. */
  close(): Promise<void>
}

/**
 * Keeps target groups as the TargetGroupBindings of the store say: the pods that a binding's Service
 * selects are registered while their containers are ready. Bindings of nodes (`targetType: instance`) are
 * left alone: no pod's end changes anything for them.
 */
export function createBindingsController(deps: BindingsDeps): BindingsController {
  const { store } = deps
  const gates = createGates(deps)
  const groups = new Map<string, { controller: Controller; known: Map<string, Known> }>()
  const dirty = new Set<string>()
  let closed = false

  function groupOf({ arn, port }: Wish) {
    const key = `${arn} ${port}`
    const created = {
      controller: createController({ ...deps, arn, port }, deps),
      known: new Map<string, Known>(),
    }
    const group = groups.get(key) ?? created
    groups.set(key, group)
    return group
  }

  function reconcile(namespace: string): void {
    const wishes = wishesOf(namespace, deps)
    for (const wish of wishes) {
      const { controller, known } = groupOf(wish)
      const before = known.get(wish.ip)
      if (before?.state === wish.state) continue
      known.set(wish.ip, { ...wish, namespace })
      if (wish.state === 'ready' || before !== undefined) controller[wish.state](wish.ip)
      if (wish.state === 'ready') gates.watch(namespace, wish)
    }
    for (const { controller, known } of groups.values()) {
      for (const [ip, one] of known) {
        const wished = wishes.some(({ pod, binding }) => pod === one.pod && binding === one.binding)
        if (one.namespace !== namespace || wished) continue
        known.delete(ip)
        controller.terminating(ip)
      }
    }
  }

  function changed({ namespace }: { namespace: string }): void {
    if (closed) return
    if (dirty.size === 0) {
      queueMicrotask(() => {
        const all = [...dirty]
        dirty.clear()
        if (!closed) all.forEach(reconcile)
      })
    }
    dirty.add(namespace)
  }

  const followed: Resource[] = [pods, services, controllerBindings, autoModeBindings]
  const unfollow = followed.map((resource) => store.follow(resource, changed))
  return {
    async close() {
      closed = true
      for (const each of unfollow) each()
      await gates.close()
      await Promise.all([...groups.values()].map(({ controller }) => controller.close()))
    },
  }
}

type Known = Wish & { readonly namespace: string }

function wishesOf(namespace: string, { store, registry }: BindingsDeps): Wish[] {
  const bindings = [controllerBindings, autoModeBindings].flatMap((resource) =>
    store.list(resource, namespace),
  )
  return bindings.flatMap((binding) => {
    const { serviceRef, targetGroupARN, targetGroupName, targetType } = binding.spec ?? {}
    const service = store
      .list(services, namespace)
      .find(({ metadata }) => metadata.name === serviceRef?.name)
    const named = registry.groups().find(({ name }) => name === targetGroupName)
    const arn = targetGroupARN ?? named?.arn
    if (service === undefined || arn === undefined || targetType === 'instance') return []
    return store
      .list(pods, namespace)
      .filter(({ metadata }) => serviceSelects(service.spec?.selector, metadata.labels))
      .flatMap((pod) => wishOf(arn, pod, binding, service))
  })
}

function wishOf(arn: string, pod: Pod, binding: TargetGroupBinding, service: Service): Wish[] {
  const { name = '', deletionTimestamp } = pod.metadata
  const port = portOf(pod, service, binding)
  const ip = pod.status?.podIP
  if (ip === undefined || port === undefined) return []
  const state = isTrue(pod, 'ContainersReady') ? 'ready' : 'unready'
  const wish = { arn, port, ip, pod: name, binding: binding.metadata.name ?? '' }
  return [{ ...wish, state: deletionTimestamp === undefined ? state : 'terminating' }]
}

/** The pod's port behind the Service's port that the binding names, by number or by name. */
function portOf(pod: Pod, { spec }: Service, binding: TargetGroupBinding): number | undefined {
  const asked = binding.spec?.serviceRef?.port
  const found = spec?.ports?.find(({ name, port }) => port === asked || name === asked)
  const target = found?.targetPort ?? found?.port
  if (typeof target !== 'string') return target
  const ports = pod.spec?.containers?.flatMap((container) => container.ports ?? [])
  return ports?.find(({ name }) => name === target)?.containerPort
}
