import type { Clock } from '../../src/clock.ts'
import type { Pod } from '../kubelet/pod.ts'
import type { PodSpec } from '../kubelet/spec.ts'

export interface DeploymentOptions {
  /** Pods are named after it: NAME-REVISION-NUMBER. */
  name: string
  replicas: number
  /** A rollout that takes longer fails (progressDeadlineSeconds). Default 600 000. */
  deadlineMs?: number | undefined
}

export interface DeploymentDeps {
  run(name: string, spec: PodSpec): Promise<Pod>
  /** The pod is ready, its readiness gate included. */
  available(pod: Pod): boolean
  clock: Clock
}

/** One rollout: all pods are new and available. Times are on the clock. */
export interface Rolled {
  startedMs: number
  rolledMs: number
  /** When the last old pod had ended; nobody waits for that before the next rollout. */
  gone: Promise<number>
}

/** A Deployment with maxSurge 1 and maxUnavailable 0. */
export interface Deployment {
  /** The pods that are not being deleted. */
  pods(): Pod[]
  /**
   * Replaces every pod by one of this spec; the first time, just starts them. Rejects when the
   * deadline passes, on `close()`, and while another rollout is under way.
   */
  roll(spec: PodSpec): Promise<Rolled>
  /** Ends a rollout that is under way. The pods are the kubelet's: they stay. */
  close(): void
}

const lookEveryMs = 10

/** A Deployment without pods yet. */
export function createDeployment(options: DeploymentOptions, deps: DeploymentDeps): Deployment {
  const { name, replicas, deadlineMs = 600_000 } = options
  const { clock, available } = deps
  const closing = new AbortController()
  let live: Pod[] = []
  let revision = 0
  let rolling = false

  // One look: starts what may be started, deletes what may be deleted; true when all is done.
  async function step(spec: PodSpec, old: Set<Pod>, fresh: Pod[]): Promise<boolean> {
    while (fresh.length < replicas && live.length < replicas + 1) {
      const pod = await deps.run(`${name}-${revision}-${fresh.length}`, spec)
      fresh.push(pod)
      live.push(pod)
    }
    const serving = live.filter(available).length
    const spare = [...old].find((pod) => !available(pod) || serving > replicas)
    if (spare !== undefined) {
      old.delete(spare)
      live = live.filter((pod) => pod !== spare)
      void spare.delete()
    }
    return old.size === 0 && fresh.length === replicas && fresh.every(available)
  }

  async function replace(spec: PodSpec): Promise<Rolled> {
    const startedMs = clock.now()
    const before = [...live]
    const old = new Set(before)
    const fresh: Pod[] = []
    revision += 1
    while (!(await step(spec, old, fresh))) {
      await clock.sleepUntil(clock.now() + lookEveryMs, closing.signal)
      if (closing.signal.aborted) throw new Error(`the rollout of ${name} was closed`)
      if (clock.now() - startedMs > deadlineMs) {
        const ready = fresh.filter(available).length
        throw new Error(`${name}: ${ready} of ${replicas} new pods available in ${deadlineMs} ms`)
      }
    }
    const gone = Promise.all(before.map((pod) => pod.ended)).then(() => clock.now())
    return { startedMs, rolledMs: clock.now(), gone }
  }

  return {
    pods: () => [...live],
    async roll(spec) {
      if (rolling) throw new Error(`${name} is being rolled out already`)
      rolling = true
      try {
        return await replace(spec)
      } finally {
        rolling = false
      }
    },
    close: () => closing.abort(),
  }
}
