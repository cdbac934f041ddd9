import { Agent } from 'node:http'
import type { Clock } from '../../src/time/clock.ts'
import type { Network } from '../network.ts'
import { createContainer } from './container.ts'
import { type Pod, type PodDeps, startPod } from './pod.ts'
import { createProcesses, type Processes } from './processes.ts'
import type { ContainerSpec, LogLine, Place, PodEvent, PodSpec, PodStep } from './spec.ts'

export interface KubeletDeps {
  network: Network
  clock: Clock
  /** How long one of the kubelet's seconds is, for a lab on a faster clock. Default 1000. */
  secondMs?: number | undefined
  /** Told every event as it happens. */
  emit?: (event: PodEvent) => void
  /** Told a pod's name when there may be something new to tell of its containers. */
  changed?: (pod: string) => void
  /** Told every line that a container writes. Without it their output is thrown away. */
  log?: ((line: LogLine) => void) | undefined
}

/** Runs pods as child processes and ends them as Kubernetes does. */
export interface Kubelet {
  /** Starts a pod; resolves as soon as its processes are started. Throws on a name that is taken. */
  run(name: string, spec: PodSpec): Promise<Pod>
  /** The pods that have not ended. */
  pods(): Pod[]
  /** Kills everything at once, and tells nothing any more. */
  close(): Promise<void>
}

/** A kubelet without pods. Nothing that it starts outlives this process, however that ends. */
export function createKubelet(deps: KubeletDeps): Kubelet {
  const { network } = deps
  const closing = new AbortController()
  const { signal } = closing
  const processes = createProcesses()
  // The kubelet calls every hook through one client that keeps its connections.
  const agent = new Agent({ keepAlive: true })
  const pods = new Map<string, Pod>()
  const taken = new Set<string>()

  async function run(name: string, spec: PodSpec): Promise<Pod> {
    if (signal.aborted) throw new Error('the kubelet is closed')
    if (taken.has(name)) throw new Error(`there is a pod ${name} already`)
    taken.add(name)
    const ip = network.nextIp()
    for (const { port } of containersOf(spec)) {
      if (port !== undefined) await network.attach(ip, port)
    }
    signal.throwIfAborted()
    const release = () => {
      network.release(ip)
      pods.delete(name)
      taken.delete(name)
    }
    const pod = assemble({ ...deps, processes, agent, signal, name, ip, spec, release })
    pods.set(name, pod)
    return pod
  }

  return {
    run,
    pods: () => [...pods.values()],
    async close() {
      closing.abort()
      await processes.close()
      await Promise.all([...pods.values()].map((pod) => pod.delete(0)))
      agent.destroy()
    },
  }
}

interface Parts extends KubeletDeps, Pick<PodDeps, 'name' | 'ip' | 'spec' | 'release' | 'signal'> {
  processes: Processes
  agent: Agent
}

function assemble(parts: Parts): Pod {
  const { name, ip, network, clock, signal, secondMs = 1000 } = parts
  const place: Place = {
    pod: name,
    ip,
    loopbackPort: (port) => network.resolve(ip, port),
  }
  const emit = (event: PodStep) => {
    if (!signal.aborted) parts.emit?.({ atMs: clock.now(), pod: name, ip, ...event })
  }
  const shared = { ...parts, place, secondMs, emit }
  return startPod({
    ...shared,
    changed: () => parts.changed?.(name),
    create: (spec, changed) => createContainer({ ...shared, spec, changed }),
  })
}

const containersOf = (spec: PodSpec): ContainerSpec[] => [
  ...(spec.nativeSidecars ?? []),
  ...spec.containers,
]
