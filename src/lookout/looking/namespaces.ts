import type { Role } from '../../aws/access.ts'
import type { KubernetesApi } from '../../cluster/api/kubernetes-api.ts'
import { findBindings } from '../../cluster/finding/discover.ts'
import type { Binding } from '../../cluster/objects/bindings.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Wait } from '../rounds/rounds.ts'
import type { Group } from './groups.ts'

/** Which groups the bindings of a namespace name, or have named: what was once a pod's stays its own. */
export interface Namespaces {
  /** A group that a pod of the namespace asks about; or why it is told nothing. */
  groupOf(namespace: string, arn: string, wait: Wait): Promise<Group | Failure>
  /** A binding of the namespace was seen; of one that only names its group, the ARN was found out. */
  seen(namespace: string, binding: Binding, arn: string): void
}

export interface NamespacesDeps {
  readonly api: KubernetesApi
  /** Groups that everybody may ask about. */
  readonly allowed: readonly string[]
  /** The role that the settings name for a group's account: it goes before any binding's. */
  readonly roleOf: (arn: string) => Role | undefined
}

/** More namespaces than a cluster has. */
const mostNamespaces = 20_000

export function createNamespaces({ api, allowed, roleOf }: NamespacesDeps): Namespaces {
  const known = new Map<string, Map<string, Role | undefined>>()

  function groupIn(namespace: string, arn: string): Group | undefined {
    const groups = known.get(namespace)
    if (!groups?.has(arn)) return undefined
    return { arn, role: roleOf(arn) ?? groups.get(arn) }
  }

  function seen(namespace: string, { role }: Pick<Binding, 'role'>, arn: string): void {
    const groups = known.get(namespace) ?? new Map<string, Role | undefined>()
    groups.set(arn, role ?? groups.get(arn))
    known.set(namespace, groups)
    const [first] = known.keys()
    if (known.size > mostNamespaces && first !== undefined) known.delete(first)
  }

  return {
    seen,
    async groupOf(namespace, arn, { signal }) {
      const before = groupIn(namespace, arn)
      if (before) return before
      if (allowed.includes(arn)) return { arn, role: roleOf(arn) }
      const served = await findBindings(api, { namespace, named: [] }, signal)
      for (const binding of served.flatMap(({ bindings }) => bindings)) {
        if (binding.arn) seen(namespace, binding, binding.arn)
      }
      const [refusal] = served.flatMap(({ refused }) => refused)
      return groupIn(namespace, arn) ?? refusal ?? notItsOwn(namespace, arn)
    },
  }
}

function notItsOwn(namespace: string, arn: string): Failure {
  const name = arn.split('/')[1] ?? arn
  const said = `the lookout tells of ${name} only pods of a namespace with a TargetGroupBinding of it: ${namespace} has none; or set LOOKOUT_TARGET_GROUPS`
  return { kind: 'denied', said }
}
