import type { Container, ContainerReport } from './container.ts'
import { createApiObject, type Deletion } from './deletion.ts'
import { createRestarter } from './restarter.ts'
import type { ContainerSpec, PodSpec, PodStep } from './spec.ts'
import { type StopDeps, stopContainer } from './stop.ts'

/** One pod, from its start to the exit of its last container. */
export interface Pod {
  readonly name: string
  readonly ip: string
  /** All containers run and pass their probes. */
  ready(): boolean
  /** Native sidecars first. */
  containers(): ContainerReport[]
  /** Undefined until the pod is deleted. */
  deletion(): Deletion | undefined
  /**
   * Deletes the pod; resolves when it has ended. Once more with a shorter grace period moves
   * `deletion()` earlier and, as in Kubernetes, does not cut a hook that is held.
   */
  delete(graceMs?: number): Promise<void>
  /**
   * Restarts one container as a failed liveness probe does: hook, SIGTERM, and a new process;
   * the pod stays. Resolves when the new process has started, or at once in a pod that is deleted.
   */
  restart(container: string): Promise<void>
  readonly ended: Promise<void>
}

export interface PodDeps extends StopDeps {
  name: string
  ip: string
  spec: PodSpec
  /** Makes a container; `changed` is to be called when its readiness may have changed. */
  create(spec: ContainerSpec, changed: () => void): Container
  emit(event: PodStep): void
  /** Called when there may be something new to tell of its containers. */
  changed(): void
  /** Called after the last container's exit. */
  release(): void
}

/** Starts a pod's containers, native sidecars first, and keeps them running until it is deleted. */
export function startPod(deps: PodDeps): Pod {
  const { name, ip, spec, signal, emit } = deps
  const nativeSidecars = (spec.nativeSidecars ?? []).map((each) => deps.create(each, changed))
  const main = spec.containers.map((each) => deps.create(each, changed))
  const all = [...nativeSidecars, ...main]
  const object = createApiObject(deps)
  const leaving = () => object.deletion() !== undefined || signal.aborted
  const restarter = createRestarter({ ...deps, leaving, graceSeconds: object.graceSeconds })
  const ready = () => all.every((container) => container.ready())
  let wasReady = false
  let ended: Promise<void> | undefined
  const end = Promise.withResolvers<void>()

  function changed(): void {
    deps.changed()
    if (leaving() || ready() === wasReady) return
    wasReady = ready()
    emit({ kind: wasReady ? 'ready' : 'unready' })
  }

  async function terminate(): Promise<void> {
    // A restart holds up the pod's worker, and the deletion behind it (kubernetes#121398).
    await restarter.idle()
    const graceSeconds = object.graceSeconds()
    await stopAll(main, nativeSidecars, (container, before) =>
      stopContainer(container, graceSeconds, before, deps),
    )
    deps.release()
    emit({ kind: 'ended' })
    end.resolve()
  }

  all.forEach(restarter.start)
  return {
    ...{ name, ip, ready, deletion: object.deletion, ended: end.promise },
    containers: () => all.map((container) => container.report()),
    delete(graceMs) {
      object.delete(graceMs)
      ended ??= terminate()
      return ended
    },
    restart(container) {
      const found = all.find((each) => each.name === container)
      if (found === undefined) throw new Error(`pod ${name} has no container ${container}`)
      return restarter.restart(found)
    },
  }
}

/** All hooks start together; native sidecars then wait for all main containers, in reverse order. */
async function stopAll(
  main: readonly Container[],
  nativeSidecars: readonly Container[],
  stop: (container: Container, before: readonly Promise<void>[]) => Promise<void>,
): Promise<void> {
  const running = (container: Container) => container.running()
  const stops = main.filter(running).map((container) => stop(container, []))
  for (const sidecar of nativeSidecars.filter(running).reverse()) {
    stops.push(stop(sidecar, [...stops]))
  }
  await Promise.all(stops)
}
