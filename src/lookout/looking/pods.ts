import type { KubernetesApi, Refusal } from '../../cluster/api/kubernetes-api.ts'
import { podRequest } from '../../cluster/finding/api-source.ts'
import { discover } from '../../cluster/finding/discover.ts'
import { eventRequest, type PodEvent } from '../../cluster/finding/event.ts'
import type { ClaimedBinding, Discovery } from '../../cluster/finding/source.ts'
import { type PodObject, readPod } from '../../cluster/objects/pod.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock, WallClock } from '../../time/clock.ts'
import type { Wait } from '../rounds/rounds.ts'
import { type PodTold, tellPod } from '../wire/pod.ts'
import type { Groups } from './groups.ts'
import type { Namespaces } from './namespaces.ts'

/** Who asks: the pod that its token is bound to. */
export interface Caller {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Tokens tell it since Kubernetes 1.29. */
  readonly node?: string
}

/** What the cluster knows of the pods that ask. */
export interface Pods {
  read(caller: Caller, signal: AbortSignal): Promise<PodTold | Refusal>
  search(caller: Caller, wait: Wait): Promise<Discovery | Refusal>
  /**
   * Its addresses: as they were read last, which is what its targets go by when it is gone; or as they are now, for a
   * pod whose sandbox is made anew (a node that boots again) has others.
   */
  ipsOf(
    caller: Caller,
    which: 'known' | 'newer',
    signal: AbortSignal,
  ): Promise<readonly string[] | Failure>
  tell(caller: Caller, event: PodEvent, signal: AbortSignal): Promise<Refusal | 'told'>
}

export interface PodsDeps {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly wallClock: WallClock
  readonly groups: Pick<Groups, 'arnOf'>
  readonly namespaces: Pick<Namespaces, 'seen'>
}

/** More pods than a cluster has. */
const mostKnown = 200_000

/** Nobody's sandbox is made anew within so long, and is in service. Milliseconds. */
const freshMs = 10_000

/** A drain has two, and those of one reason are a minute apart. */
const mostEvents = 10
const eventsMs = 60_000

export function createPods(deps: PodsDeps): Pods {
  const { api, clock, wallClock, groups, namespaces } = deps
  const known = new Map<string, { readonly ips: readonly string[]; readonly atMs: number }>()
  let told = new Map<string, number>()
  let toldFromMs = -Infinity

  function mayTell(uid: string): boolean {
    if (clock.now() - toldFromMs >= eventsMs) {
      told = new Map()
      toldFromMs = clock.now()
    }
    const count = (told.get(uid) ?? 0) + 1
    told.set(uid, count)
    return count <= mostEvents
  }

  async function ask(
    caller: Caller,
    signal: AbortSignal,
  ): Promise<{ pod: PodObject; told: PodTold } | Refusal> {
    const answer = await api.ask(podRequest(caller), signal)
    if (answer.kind !== 'answer') return answer
    const pod = readPod(answer.body)
    if (!pod) return { kind: 'malformed', said: 'get pods: an answer that is not a Pod' }
    // A StatefulSet gives the next pod the same name.
    if (pod.uid !== caller.uid)
      return { kind: 'gone', said: 'get pods: another pod has this name now' }
    if (pod.ips.length > 0) known.set(caller.uid, { ips: pod.ips, atMs: clock.now() })
    const [first] = known.keys()
    if (known.size > mostKnown && first !== undefined) known.delete(first)
    return { pod, told: tellPod(answer.body, answer.serverMs) }
  }

  async function named(
    namespace: string,
    { groupName = '', ...binding }: ClaimedBinding,
    wait: Wait,
  ): Promise<ClaimedBinding | Failure> {
    const arn = binding.arn ?? (await groups.arnOf(groupName, binding.role, wait))
    if (typeof arn !== 'string') {
      return { ...arn, said: `TargetGroupBinding ${binding.name}: ${arn.said}` }
    }
    namespaces.seen(namespace, binding, arn)
    return { ...binding, arn, ...(groupName ? { groupName } : {}) }
  }

  return {
    async read(caller, signal) {
      const asked = await ask(caller, signal)
      return 'told' in asked ? asked.told : asked
    },
    async search(caller, wait) {
      const untilMs = clock.now() + wait.patienceMs
      const left = () => ({ ...wait, patienceMs: Math.max(0, untilMs - clock.now()) })
      const asked = await ask(caller, wait.signal)
      if (!('pod' in asked)) return asked
      const found = await discover(api, asked.pod, wait.signal)
      const withArn = async (bindings: readonly ClaimedBinding[]) => {
        const all = await Promise.all(bindings.map((one) => named(caller.namespace, one, left())))
        return {
          bindings: all.filter((one): one is ClaimedBinding => !('said' in one)),
          failures: all.filter((one): one is Failure => 'said' in one),
        }
      }
      const its = await withArn(found.bindings)
      // Where a binding is the pod's, nobody looks at those that are only possible.
      const possible = await withArn(found.bindings.length > 0 ? [] : found.possible)
      const failures = [...its.failures, ...possible.failures]
      return {
        ...{ ...found, bindings: its.bindings, possible: possible.bindings },
        missing: [...found.missing, ...failures.filter(({ kind }) => kind !== 'gone')],
        // A group that does not exist hides nothing.
        narrowed: [...found.narrowed, ...failures.filter(({ kind }) => kind === 'gone')],
      }
    },
    async ipsOf(caller, which, signal) {
      const before = known.get(caller.uid)
      const isFresh = before && clock.now() - before.atMs < freshMs
      if (before && (which === 'known' || isFresh)) return before.ips
      const asked = await ask(caller, signal)
      return 'pod' in asked ? asked.pod.ips : asked
    },
    async tell(caller, event, signal) {
      if (!mayTell(caller.uid)) return { kind: 'throttled', said: 'the lookout: too many events' }
      const request = eventRequest(event, caller, wallClock())
      const answer = await api.ask(request, signal)
      return answer.kind === 'answer' ? 'told' : answer
    },
  }
}
