import type { Container } from './container.ts'
import { createKeeper } from './keeper.ts'
import type { ContainerSpec, PodSpec, PodStep } from './spec.ts'
import { type StopDeps, stopContainer } from './stop.ts'

/** What the API object of a pod on its way out says, in ms on the kubelet's clock. */
export interface Deletion {
  /** deletionTimestamp: the time of the request plus the grace period. */
  timestampMs: number
  /** deletionGracePeriodSeconds. */
  graceMs: number
}

/** One pod, from its start to the exit of its last container. */
export interface Pod {
  readonly name: string
  readonly ip: string
  /** All containers run and pass their probes. */
  ready(): boolean
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
  /** Called after the last container's exit. */
  release(): void
}

/** Starts a pod's containers, native sidecars first, and keeps them running until it is deleted. */
export function startPod(deps: PodDeps): Pod {
  const { clock, secondMs, signal, spec, emit } = deps
  const nativeSidecars = (spec.nativeSidecars ?? []).map((each) => deps.create(each, changed))
  const main = spec.containers.map((each) => deps.create(each, changed))
  const all = [...nativeSidecars, ...main]
  const ended = Promise.withResolvers<void>()
  let deletion: Deletion | undefined
  let wasReady = false
  let restarts: Promise<void> = Promise.resolve()
  let termination: Promise<void> | undefined

  const ready = () => all.every((container) => container.ready())
  const leaving = () => deletion !== undefined || signal.aborted
  const seconds = () => {
    const graceMs = deletion?.graceMs ?? spec.gracePeriodMs ?? 30 * secondMs
    // The kubelet makes a grace period of 0 one second (pod_workers.go).
    return Math.max(1, Math.floor(graceMs / secondMs))
  }

  function changed(): void {
    if (leaving() || ready() === wasReady) return
    wasReady = ready()
    emit({ kind: wasReady ? 'ready' : 'unready' })
  }

  const keepRunning = createKeeper({ ...deps, leaving })

  async function restartNow(container: Container): Promise<void> {
    if (leaving()) return
    keepRunning.stop(container)
    if (container.running()) await stopContainer(container, seconds(), [], deps)
    if (!leaving()) keepRunning.start(container)
  }

  async function terminate(): Promise<void> {
    // A restart holds up the pod's worker, and the deletion behind it (kubernetes#121398).
    await restarts
    const graceSeconds = seconds()
    await stopAll(main, nativeSidecars, (container, before) =>
      stopContainer(container, graceSeconds, before, deps),
    )
    deps.release()
    emit({ kind: 'ended' })
    ended.resolve()
  }

  all.forEach(keepRunning.start)

  return {
    name: deps.name,
    ip: deps.ip,
    ready,
    deletion: () => deletion,
    delete(graceMs = spec.gracePeriodMs ?? 30 * secondMs) {
      if (deletion === undefined || graceMs < deletion.graceMs) {
        deletion = { timestampMs: clock.now() + graceMs, graceMs }
        emit({ kind: 'deleted', detail: `${graceMs} ms of grace` })
      }
      termination ??= terminate()
      return termination
    },
    restart(name) {
      const container = all.find((each) => each.name === name)
      if (container === undefined) throw new Error(`pod ${deps.name} has no container ${name}`)
      restarts = restarts.then(() => restartNow(container))
      return restarts
    },
    ended: ended.promise,
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
