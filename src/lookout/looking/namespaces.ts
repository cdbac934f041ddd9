import type { Role } from '../../aws/access.ts'
import type { KubernetesApi } from '../../cluster/api/kubernetes-api.ts'
import { findBindings } from '../../cluster/finding/discover.ts'
import type { Binding } from '../../cluster/objects/bindings.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import type { Group } from './groups.ts'

/** Which groups the bindings of a namespace name, or have named: what was once a pod's stays its own. */
export interface Namespaces {
  /** A group that a pod of the namespace asks about; or why it is told nothing. */
  groupOf(namespace: string, arn: string): Promise<Group | Failure>
  /** A binding of the namespace was seen; of one that only names its group, the ARN was found out. */
  seen(namespace: string, binding: Binding, arn: string): void
}

export interface NamespacesDeps {
  readonly api: KubernetesApi
  readonly clock: Pick<Clock, 'now'>
  /** Groups that everybody may ask about. */
  readonly allowed: readonly string[]
  /** The role that the settings name for a group's account: it goes before any binding's. */
  readonly roleOf: (arn: string) => Role | undefined
}

/** More namespaces than a cluster has. */
const mostNamespaces = 20_000

/** For how long a role is believed to be the binding's. Milliseconds. */
const freshMs = 5 * 60_000

interface Known {
  readonly role: Role | undefined
  /** When a binding was last seen to say so. */
  readonly seenAtMs: number
}

export function createNamespaces(deps: NamespacesDeps): Namespaces {
  const { api, clock, allowed, roleOf } = deps
  const known = new Map<string, Map<string, Known>>()

  function groupIn(namespace: string, arn: string, oldMs = Infinity): Group | undefined {
    const found = known.get(namespace)?.get(arn)
    if (!found || clock.now() - found.seenAtMs >= oldMs) return undefined
    return { arn, role: roleOf(arn) ?? found.role }
  }

  function seen(namespace: string, { role }: Pick<Binding, 'role'>, arn: string): void {
    const groups = known.get(namespace) ?? new Map<string, Known>()
    const before = groups.get(arn)
    // Of two bindings of one group, the one with a role tells how to reach it.
    const isSame = before !== undefined && clock.now() - before.seenAtMs < sameMs
    groups.set(arn, { role: role ?? (isSame ? before.role : undefined), seenAtMs: clock.now() })
    known.set(namespace, groups)
    const [first] = known.keys()
    if (known.size > mostNamespaces && first !== undefined) known.delete(first)
  }

  /** @returns What may hide another binding. */
  async function read(namespace: string, signal: AbortSignal): Promise<readonly Failure[]> {
    const served = await findBindings(api, { namespace, named: [] }, signal)
    for (const binding of served.flatMap(({ bindings }) => bindings)) {
      if (binding.arn) seen(namespace, binding, binding.arn)
    }
    return served.flatMap(({ refused }) => refused)
  }

  return {
    seen,
    async groupOf(namespace, arn) {
      const before = groupIn(namespace, arn, freshMs)
      if (before) return before
      if (allowed.includes(arn) && !groupIn(namespace, arn)) return { arn, role: roleOf(arn) }
      // For all who ask after it: whoever asked first may be gone before it is read.
      const reading = read(namespace, never)
      // What was once a pod's stays its own, though the binding is gone, or nobody answers: nobody waits for that.
      const old = groupIn(namespace, arn)
      if (old) return old
      const [refusal] = await reading
      return groupIn(namespace, arn) ?? refusal ?? notItsOwn(namespace, arn)
    },
  }
}

const never = new AbortController().signal

/** Bindings that are read together. */
const sameMs = 1_000

function notItsOwn(namespace: string, arn: string): Failure {
  const name = arn.split('/')[1] ?? arn
  const said = `the lookout tells of ${name} only pods of a namespace with a TargetGroupBinding of it: ${namespace} has none; or set LOOKOUT_TARGET_GROUPS`
  return { kind: 'denied', said }
}
