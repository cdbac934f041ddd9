import type { Clock } from '../../src/time/clock.ts'
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
  const { signal } = closing
  const live = new Set<Pod>()
  let revision = 0
  let rolling = false

  async function replace(spec: PodSpec): Promise<Rolled> {
    const startedMs = clock.now()
    const old = [...live]
    const fresh: Pod[] = []
    revision += 1
    const run = () => deps.run(`${name}-${revision}-${fresh.length}`, spec)
    while (!(await step({ replicas, live, fresh, available, run }))) {
      await clock.sleepUntil(clock.now() + lookEveryMs, signal)
      if (signal.aborted) throw new Error(`the rollout of ${name} was closed`)
      if (clock.now() - startedMs > deadlineMs) {
        const ready = fresh.filter(available).length
        throw new Error(`${name}: ${ready} of ${replicas} new pods available in ${deadlineMs} ms`)
      }
    }
    const gone = Promise.all(old.map((pod) => pod.ended)).then(() => clock.now())
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

interface Progress {
  replicas: number
  /** The pods that are not being deleted, old and new. */
  live: Set<Pod>
  fresh: Pod[]
  available(pod: Pod): boolean
  run(): Promise<Pod>
}

// One look: starts what may be started, deletes what may be deleted; true when all is done.
async function step({ replicas, live, fresh, available, run }: Progress): Promise<boolean> {
  while (fresh.length < replicas && live.size < replicas + 1) {
    const pod = await run()
    fresh.push(pod)
    live.add(pod)
  }
  const serving = [...live].filter(available).length
  const old = [...live].filter((pod) => !fresh.includes(pod))
  const spare = old.find((pod) => !available(pod)) ?? (serving > replicas ? old[0] : undefined)
  if (spare !== undefined) {
    live.delete(spare)
    void spare.delete()
  }
  return live.size === replicas && fresh.length === replicas && fresh.every(available)
}
