import type { Failure, Found, Search } from '../drain/ports.ts'
import { kindOf } from '../drain/protocol.ts'
import type { GroupFacts } from '../drain/target.ts'
import type { Binding } from './bindings.ts'
import { discover } from './discovery.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import type { OwnPod } from './own-pod.ts'

export interface SearchDeps {
  readonly api: KubernetesApi
  readonly pod: OwnPod
  /** The ARN of a target group of which only the name is known. */
  readonly arnOf: (binding: Binding, signal: AbortSignal) => Promise<string | Failure>
  /** Hears which binding is behind which target group. */
  readonly found: (arn: string, binding: Binding) => void
}

/** The search port, on the pod's TargetGroupBindings. */
export function createSearch({ api, pod, arnOf, found }: SearchDeps): Search {
  return {
    async find(signal): Promise<Found | Failure> {
      const object = await pod.read(signal)
      if ('kind' in object) return object
      const { bindings, missing } = await discover(api, object, signal)
      const failures: Failure[] = [...missing]
      const groups = new Map<string, GroupFacts>()
      for (const binding of bindings) {
        const arn = binding.arn ?? (await arnOf(binding, signal))
        if (typeof arn !== 'string') {
          failures.push({ ...arn, said: `TargetGroupBinding ${binding.name}: ${arn.said}` })
          continue
        }
        // Of two bindings of one group, the one with a role tells how to reach it.
        if (binding.role || !groups.has(arn)) found(arn, binding)
        groups.set(arn, factsOf(binding))
      }
      const [why] = failures
      if (groups.size === 0 && why) return why
      return {
        kind: 'found',
        groups: [...groups].map(([group, facts]) => ({ group, facts })),
        missing: failures,
      }
    },
  }
}

function factsOf({ targetType, protocol }: Binding): GroupFacts {
  return { ...(targetType ? { targetType } : {}), ...(protocol ? kindOf(protocol) : {}) }
}
