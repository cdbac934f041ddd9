import type { Failure, Found, FoundGroup, Search } from '../../drain/ports.ts'
import { kindOf } from '../../drain/protocol.ts'
import type { GroupFacts } from '../../drain/target.ts'
import type { Binding } from '../objects/bindings.ts'
import { mostPossible } from './discover.ts'
import type { Discover } from './discovery.ts'
import type { OwnPod } from './own-pod.ts'

export interface SearchDeps {
  readonly pod: OwnPod
  readonly discover: Discover
  /** The ARN of a target group of which only the name is known. */
  readonly arnOf: (binding: Binding, signal: AbortSignal) => Promise<string | Failure>
  /** Hears which binding is behind which target group. */
  readonly found: (arn: string, binding: Binding) => void
}

/** The search port, on the pod's TargetGroupBindings. */
export function createSearch({ pod, discover, arnOf, found }: SearchDeps): Search {
  return {
    async find(signal): Promise<Found> {
      const discovery = await discover(await pod.read(signal), signal)
      const [missing, narrowed] = [[...discovery.missing], [...discovery.narrowed]]
      const groups = new Map<string, FoundGroup>()
      const none = discovery.bindings.length === 0
      const claimed = none ? discovery.possible.slice(0, mostPossible) : discovery.bindings
      for (const { claim, ...binding } of claimed) {
        const arn = binding.arn ?? (await arnOf(binding, signal))
        if (typeof arn === 'string') {
          const before = groups.get(arn)
          // Of two bindings of one group, the one with a role tells how to reach it.
          if (binding.role || !before) found(arn, binding)
          const isNow = claim === 'bound' || !before
          groups.set(arn, {
            group: arn,
            facts: factsOf(binding),
            claim: isNow ? claim : before.claim,
          })
          continue
        }
        const failure = { ...arn, said: `TargetGroupBinding ${binding.name}: ${arn.said}` }
        // A group that does not exist hides nothing.
        if (arn.kind === 'gone') narrowed.push(failure)
        else missing.push(failure)
      }
      const more = none ? discovery.possible.length - claimed.length : 0
      return { kind: 'found', groups: [...groups.values()], more, missing, narrowed }
    },
  }
}

function factsOf({ targetType, protocol }: Binding): GroupFacts {
  return { ...(targetType ? { targetType } : {}), ...(protocol ? kindOf(protocol) : {}) }
}
