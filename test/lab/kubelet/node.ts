import { createServer, type ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { createKubelet, type Kubelet } from '../../../lab/kubelet/kubelet.ts'
import type { Pod } from '../../../lab/kubelet/pod.ts'
import type { ContainerSpec, PodEvent, PodSpec } from '../../../lab/kubelet/spec.ts'
import { createNetwork, type Network } from '../../../lab/network.ts'
import { clock } from '../../../src/time/clock.ts'

/** A process that says `up` and exits 0 at SIGTERM. */
export const polite: ContainerSpec['command'] = [
  '/bin/sh',
  '-c',
  'trap "exit 0" TERM; echo up; while :; do sleep 0.02; done',
]

/** A process that says `up` and does not care about SIGTERM. */
export const stubborn: ContainerSpec['command'] = [
  '/bin/sh',
  '-c',
  'trap "" TERM; echo up; while :; do sleep 0.02; done',
]

export interface Node {
  kubelet: Kubelet
  network: Network
  events: PodEvent[]
  /** Starts a pod and waits until all its processes have said `up`. */
  run(spec: PodSpec): Promise<Pod>
  /** The first event of a kind (of a container), once it is there. */
  seen(kind: PodEvent['kind'], container?: string): Promise<PodEvent>
  /** Resolves when so many lines have been written by the pods. */
  lines(count: number): Promise<void>
  /** `kind container` of every event so far. */
  story(): string[]
}

/** A kubelet for one test. */
export function startNode(t: Test, secondMs = 100): Node {
  const events: PodEvent[] = []
  const network = createNetwork()
  let written = 0
  let told = Promise.withResolvers<void>()
  const tell = () => {
    told.resolve()
    told = Promise.withResolvers()
  }
  const kubelet = createKubelet({
    ...{ network, clock, secondMs },
    emit(event) {
      events.push(event)
      tell()
    },
    log() {
      written += 1
      tell()
    },
  })
  t.teardown(() => kubelet.close())

  async function lines(count: number): Promise<void> {
    while (written < count) await told.promise
  }

  return {
    ...{ kubelet, network, events, lines },
    async run(spec) {
      const pod = await kubelet.run('pod', spec)
      await lines(spec.containers.length + (spec.nativeSidecars?.length ?? 0))
      return pod
    },
    async seen(kind, container) {
      for (;;) {
        const event = events.find(
          (each) => each.kind === kind && (container ?? each.container) === each.container,
        )
        if (event !== undefined) return event
        await told.promise
      }
    },
    story: () => events.map(({ kind, container }) => [kind, container].join(' ').trim()),
  }
}

/** A hook's other end, in this process. */
export interface Held {
  /** The calls that were not answered yet. */
  calls: ServerResponse[]
  /** How many callers have hung up without an answer. */
  hungUp(): number
}

/** Listens behind a pod's port and answers nothing until the test does. */
export async function hold(t: Test, network: Network, ip: string, port: number): Promise<Held> {
  const calls: ServerResponse[] = []
  let hungUp = 0
  const server = createServer((_request, response) => {
    calls.push(response)
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1
    })
  })
  const loopback = await network.attach(ip, port)
  await new Promise<void>((resolve) => server.listen(loopback, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { calls, hungUp: () => hungUp }
}
