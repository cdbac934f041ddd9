import { createDrain } from '../../src/drain/drain.ts'
import type { Limits, ReleaseWhen } from '../../src/drain/limits.ts'
import type { Connections, Ports } from '../../src/drain/ports.ts'
import { createWorldBalancer } from './balancer.ts'
import type { HookedPod, Wait } from './wait.ts'

/** How long a port must have been without connections: the default of IDLE_SECONDS. */
export const idleMs = 5_000

/**
 * The drain that ships, with the defaults that ship, but for the grace period.
 *
 * @param graceMs Long enough for the world at hand, or the deadline is all that is measured.
 */
export function draingate(releaseWhen: ReleaseWhen, graceMs: number): Wait {
  return {
    name: releaseWhen === 'deregistered' ? 'draingate' : `draingate, ${releaseWhen}`,
    until: releaseWhen,
    async hold(pod) {
      const { clock, api, group, target, chance } = pod
      const limits: Limits = {
        ...{
          graceMs,
          reserveMs: 5_000,
          fallbackMs: 30_000,
          releaseWhen,
          idleMs,
          restartMs: 15_000,
        },
        spread: chance(),
      }
      const balancer = createWorldBalancer(api, target.id)
      const ports = { balancer, connections: connectionsOf(pod), ...unasked }
      const drain = createDrain({ ports, clock, groups: [group], limits, tell: () => undefined })
      const { outcome } = await drain.join()
      return outcome.kind
    },
  }
}

/** The Kubernetes API is not asked: the groups are named, and whether the pod is deleted cannot be told. */
const unasked: Pick<Ports, 'pod' | 'search'> = {
  pod: { look: async () => ({ kind: 'pod', deletion: 'cannot-tell' }) },
  search: { find: async () => ({ kind: 'unreachable', said: 'no Kubernetes API' }) },
}

function connectionsOf({ connections }: HookedPod): Connections {
  return {
    count: async (ports) => ({
      kind: 'counted',
      established: new Map(ports.map((port) => [port, connections()])),
    }),
  }
}
