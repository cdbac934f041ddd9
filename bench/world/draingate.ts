import { createDrain } from '../../src/drain/drain.ts'
import type { Limits, ReleaseWhen } from '../../src/drain/judgement/limits.ts'
import type { Balancer, Connections, Found, Pod } from '../../src/drain/ports.ts'
import { kindOf } from '../../src/drain/protocol.ts'
import { createWorldBalancer } from './balancer.ts'
import type { HookedPod, Wait } from './wait.ts'

/** How long a port must have been without connections: the default of IDLE_SECONDS. */
export const idleMs = 5_000
/** The default of RESERVE_SECONDS. */
export const reserveMs = 5_000
/** The default of FALLBACK_SECONDS. */
export const fallbackMs = 30_000
/** The default of API_CALLS_PER_SECOND. */
export const callsPerSecond = 5

/**
 * The drain that ships, with the defaults that ship, but for the grace period.
 *
 * @param graceMs Long enough for the world at hand, or the deadline is all that is measured.
 */
export function draingate(releaseWhen: ReleaseWhen, graceMs: number): Wait {
  return {
    name: releaseWhen === 'deregistered' ? 'draingate' : `draingate, ${releaseWhen}`,
    until: releaseWhen,
    hold: (pod) =>
      drainOf(pod, createWorldBalancer(pod.api, [pod.target.id]), {
        ...{ releaseWhen, graceMs, looking: 'by-itself' },
      }),
  }
}

/** One drain, from its hook to its release; says why it was released. */
export async function drainOf(
  pod: HookedPod,
  balancer: Balancer,
  its: Pick<Limits, 'releaseWhen' | 'graceMs' | 'looking'>,
): Promise<string> {
  const { clock, chance } = pod
  const limits: Limits = {
    ...{ ...its, reserveMs, fallbackMs, idleMs, restartMs: 15_000, callsPerSecond },
    spread: chance(),
  }
  const ports = {
    balancer,
    connections: connectionsOf(pod),
    pod: deleted(clock.now() + its.graceMs),
    search: { find: async () => bindingOf(pod) },
  }
  const drain = createDrain({ ports, clock, groups: [], limits, tell: () => undefined })
  const { outcome } = await drain.join()
  return outcome.kind
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
