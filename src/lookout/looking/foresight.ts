import type { KubernetesApi } from '../../cluster/api/kubernetes-api.ts'
import { findBindings } from '../../cluster/finding/discover.ts'
import type { Binding } from '../../cluster/objects/bindings.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { type Group, type Groups, keptMs, nameOf } from './groups.ts'

/** Learns what a drain would have to wait for: the delays of the groups that bindings name. */
export interface Foresight {
  /** Begins, and goes on until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>
  /** Whether it has been through all groups once, or has tried for long enough. */
  isDone(): boolean
}

export interface ForesightDeps {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly groups: Pick<Groups, 'describe'>
  readonly roleOf: (arn: string, binding: Binding) => Group['role']
  /** Hears what is still not known, and why. */
  readonly unknown: (said: string) => void
}

/** Bindings come and go: how often they are looked through, in milliseconds. */
const againMs = 60_000
const failedMs = 5_000
/** A lookout that knows no delays is better than none: they are asked for in the drains then. Milliseconds. */
const longestMs = 5 * 60_000
/** Well before it is forgotten. */
const oldMs = keptMs * 0.8
/** A description that waits longer for its turn is not needed as much as what comes before it. */
const patienceMs = 20_000

export function createForesight(deps: ForesightDeps): Foresight {
  const { api, clock, groups, unknown } = deps
  const refusedAtMs = new Map<string, number>()
  const startedAtMs = clock.now()
  let isDone = false
  let failed = 0

  /** One group of an account after the other: whoever drains comes between them. */
  async function round(signal: AbortSignal): Promise<'whole' | 'parts'> {
    const served = await findBindings(api, { namespace: '', named: [] }, signal)
    const refusals = served.flatMap(({ refused }) => refused)
    for (const { said } of refusals) unknown(said)
    const all = groupsOf(served.flatMap(({ bindings }) => bindings))
    // Of an account that does not answer no other has to wait for the end.
    const byAccount = Map.groupBy(all, ({ arn }) => arn.split(':', 5).join(':'))
    await Promise.all([...byAccount.values()].map((its) => describeAll(its, signal)))
    if (signal.aborted) return 'parts'
    // What is forbidden, or is not what it should be, stays so.
    return refusals.some(({ kind }) => kind === 'unreachable') ? 'parts' : 'whole'
  }

  async function describeAll(its: readonly Group[], signal: AbortSignal): Promise<void> {
    for (const group of its) {
      const atMs = refusedAtMs.get(nameOf(group)) ?? -Infinity
      if (signal.aborted || clock.now() - atMs < oldMs) continue
      const { missing } = await groups.describe(group, ['delay'], { patienceMs, oldMs, signal })
      for (const { said } of missing) unknown(`${group.arn}: ${said}`)
      // Whatever else it was, it may be over in a minute.
      if (missing.some(isRefusal)) refusedAtMs.set(nameOf(group), clock.now())
    }
  }

  function groupsOf(bindings: readonly Binding[]): Group[] {
    const named = bindings.flatMap((binding) => {
      const { arn, targetType } = binding
      // Of a group of nodes nothing is waited for.
      return arn && targetType !== 'instance' ? [{ arn, role: deps.roleOf(arn, binding) }] : []
    })
    return [...new Map(named.map((group) => [nameOf(group), group])).values()]
  }

  return {
    isDone: () => isDone || clock.now() - startedAtMs >= longestMs,
    async watch(signal) {
      while (!signal.aborted) {
        const seen = await round(signal)
        if (seen === 'whole') isDone = true
        failed = seen === 'whole' ? 0 : failed + 1
        const pauseMs = Math.min(failed === 0 ? againMs : failedMs * 2 ** (failed - 1), againMs)
        await clock.sleepUntil(clock.now() + pauseMs, signal)
      }
    },
  }
}

function isRefusal({ kind }: Failure): boolean {
  return kind !== 'throttled' && kind !== 'unreachable'
}
