import type { Test } from 'tap'
import { createImages } from '../../../lab/kubelet/images.ts'
import { createKubelet } from '../../../lab/kubelet/kubelet.ts'
import { createNode } from '../../../lab/kubelet/node.ts'
import type { ContainerSpec, PodEvent, PodSpec } from '../../../lab/kubelet/spec.ts'
import { createAccess } from '../../../lab/kubernetes/access.ts'
import type { Pod } from '../../../lab/kubernetes/objects.ts'
import { podObject } from '../../../lab/kubernetes/pod-object.ts'
import { pods } from '../../../lab/kubernetes/resources.ts'
import { createStore } from '../../../lab/kubernetes/store.ts'
import { createNetwork } from '../../../lab/network.ts'
import { clock } from '../../../src/time/clock.ts'

/** A node whose pods come from a store, with nobody else there. */
export function startNodeOfStore(t: Test, secondMs = 50) {
  const store = createStore({ wallMs: Date.now })
  const access = createAccess(Date.now)
  const network = createNetwork()
  const events: PodEvent[] = []
  const up = Promise.withResolvers<void>()
  const kubelet = createKubelet({
    ...{ network, clock, secondMs },
    emit(event) {
      events.push(event)
      node.follow(event)
    },
    changed: (pod) => node.changed(pod),
    log: ({ text }) => text === 'up' && up.resolve(),
  })
  const images = createImages()
  const server = { host: '127.0.0.1', port: 6443, ca: 'PEM' } as const
  const place = { name: 'node-1', ip: '10.0.0.1', wallMs: Date.now, secondMs }
  const node = createNode({ ...place, store, access, server, images, clock, run: kubelet.run })
  t.teardown(async () => {
    await kubelet.close()
    node.close()
  })
  const template = {
    ...{ labels: { app: 'web' }, serviceAccount: 'web', node: 'node-1' },
    ...{ images, secondMs },
  }
  const create = (name: string, spec: PodSpec) =>
    store.create(pods, 'shop', podObject(name, spec, template))

  /** The pod's object once it is as the test says; undefined counts as gone. */
  async function seen(name: string, is: (pod: Pod | undefined) => unknown) {
    for (;;) {
      const pod = store.list(pods, 'shop').find(({ metadata }) => metadata.name === name)
      if (is(pod)) return pod
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  return { store, access, node, images, events, create, seen, up: up.promise }
}

/** A container that runs a shell script. */
export const shell = (name: string, script: string, rest: Partial<ContainerSpec> = {}) =>
  ({ name, command: ['/bin/sh', '-c', script], ...rest }) satisfies ContainerSpec

/** Exits 0 at SIGTERM. */
export const waiting = 'trap "exit 0" TERM; while :; do sleep 0.02; done'
