import type { Failure, Found, Search } from '../drain/ports.ts'
import { kindOf } from '../drain/protocol.ts'
import type { GroupFacts } from '../drain/target.ts'
import type { Binding } from './bindings.ts'
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
      const groups = new Map<string, GroupFacts>()
      for (const binding of discovery.bindings) {
        const arn = binding.arn ?? (await arnOf(binding, signal))
        if (typeof arn === 'string') {
          // Of two bindings of one group, the one with a role tells how to reach it.
          if (binding.role || !groups.has(arn)) found(arn, binding)
          groups.set(arn, factsOf(binding))
          continue
        }
        const failure = { ...arn, said: `TargetGroupBinding ${binding.name}: ${arn.said}` }
        // A group that does not exist hides nothing.
        if (arn.kind === 'gone') narrowed.push(failure)
        else missing.push(failure)
      }
      const all = [...groups].map(([group, facts]) => ({ group, facts }))
      return { kind: 'found', groups: all, missing, narrowed }
    },
  }
}

function factsOf({ targetType, protocol }: Binding): GroupFacts {
  return { ...(targetType ? { targetType } : {}), ...(protocol ? kindOf(protocol) : {}) }
}
