import { createDrain } from '../../src/drain/drain.ts'
import type { Limits, ReleaseWhen } from '../../src/drain/judgement/limits.ts'
import type { Connections, Found, Pod } from '../../src/drain/ports.ts'
import { kindOf } from '../../src/drain/protocol.ts'
import { createWorldBalancer } from './balancer.ts'
import type { HookedPod, Wait } from './wait.ts'

/** How long a port must have been without connections: the default of IDLE_SECONDS. */
export const idleMs = 5_000
/** The default of RESERVE_SECONDS. */
export const reserveMs = 5_000

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
      const { clock, api, target, chance } = pod
      const limits: Limits = {
        ...{
          graceMs,
          reserveMs,
          fallbackMs: 30_000,
          releaseWhen,
          idleMs,
          restartMs: 15_000,
          callsPerSecond: 5,
          looking: 'by-itself',
        },
        spread: chance(),
      }
      const balancer = createWorldBalancer(api, target.id)
      const search = { find: async () => bindingOf(pod) }
      const ports = {
        balancer,
        connections: connectionsOf(pod),
        pod: deleted(clock.now() + graceMs),
        search,
      }
      const drain = createDrain({ ports, clock, groups: [], limits, tell: () => undefined })
      const { outcome } = await drain.join()
      return outcome.kind
    },
  }
}

/** As the chart installs it: the TargetGroupBinding tells the group, its type and its protocol. */
function bindingOf({ group, protocol }: HookedPod): Found {
  const facts = { ...kindOf(protocol), targetType: 'ip' } as const
  const groups = [{ group, facts, claim: 'bound' }] as const
  return { kind: 'found', groups, more: 0, missing: [], narrowed: [] }
}

function deleted(graceEndsAtMs: number): Pod {
  return { look: async () => ({ kind: 'pod', deletion: 'deleting', graceEndsAtMs, ready: true }) }
}

function connectionsOf({ connections }: HookedPod): Connections {
  return {
    count: async (ports) => ({
      kind: 'counted',
      established: new Map(ports.map((port) => [port, connections()])),
    }),
  }
}
