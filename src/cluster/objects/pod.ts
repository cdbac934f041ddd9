import { listAt, numberAt, textAt, textsAt } from '../json.ts'
import { type ContainerObject, readContainers } from './container.ts'

/** What is read of a Pod. */
export interface PodObject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly labels: ReadonlyMap<string, string>
  /** When its grace period ends, by the API server's clock: milliseconds since 1970, to the second. */
  readonly deletedByMs?: number
  /** As the API spells the same instant: it changes when a second deletion makes it sooner. */
  readonly deletionTimestamp?: string
  /** How long before that it was deleted, in milliseconds: a deletion may grant less than the pod's own. */
  readonly deletionGraceMs?: number
  readonly gracePeriodMs: number
  /** Condition types. */
  readonly readinessGates: readonly string[]
  readonly hostNetwork: boolean
  /**
   * Whether the kubelet ends it without a deletion: it shuts its node down, or has to evict (Kubernetes,
   * Disruptions: pod disruption conditions). Whoever else disrupts a pod deletes it.
   */
  readonly disrupted: 'by-kubelet' | 'no'
  /** Its condition `Ready` is True. */
  readonly ready: boolean
  readonly ips: readonly string[]
  /** The node's addresses. */
  readonly hostIps: readonly string[]
  readonly node?: string
  readonly serviceAccount: string
  readonly containers: readonly ContainerObject[]
}

/** Kubernetes' own default (API reference, PodSpec). */
const defaultGraceSeconds = 30

/** Reads a Pod; undefined when it is none. */
export function readPod(body: unknown): PodObject | undefined {
  const namespace = textAt(body, 'metadata', 'namespace')
  const name = textAt(body, 'metadata', 'name')
  const uid = textAt(body, 'metadata', 'uid')
  if (!namespace || !name || !uid) return undefined
  const deletionTimestamp = textAt(body, 'metadata', 'deletionTimestamp')
  const deletedByMs = Date.parse(deletionTimestamp ?? '')
  const deletionSeconds = numberAt(body, 'metadata', 'deletionGracePeriodSeconds')
  const graceSeconds =
    numberAt(body, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds
  const node = textAt(body, 'spec', 'nodeName')
  return {
    ...{ namespace, name, uid },
    labels: textsAt(body, 'metadata', 'labels'),
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
    ...(Number.isFinite(deletedByMs) ? { deletedByMs } : {}),
    ...(deletionSeconds === undefined ? {} : { deletionGraceMs: deletionSeconds * 1_000 }),
    gracePeriodMs: graceSeconds * 1_000,
    readinessGates: listAt(body, 'spec', 'readinessGates').flatMap(
      (gate) => textAt(gate, 'conditionType') ?? [],
    ),
    hostNetwork: (body as { spec?: { hostNetwork?: unknown } }).spec?.hostNetwork === true,
    disrupted: isTrue(body, 'DisruptionTarget', 'TerminationByKubelet') ? 'by-kubelet' : 'no',
    ready: isTrue(body, 'Ready'),
    ips: ipsAt(body, 'podIPs', 'podIP'),
    hostIps: ipsAt(body, 'hostIPs', 'hostIP'),
    ...(node ? { node } : {}),
    serviceAccount: textAt(body, 'spec', 'serviceAccountName') ?? 'default',
    containers: readContainers(body),
  }
}

/** Both families' addresses where they are listed; an API server before 1.29 lists none of the host. */
function ipsAt(body: unknown, list: string, one: string): string[] {
  const ips = listAt(body, 'status', list).flatMap((entry) => textAt(entry, 'ip') ?? [])
  const only = textAt(body, 'status', one)
  return ips.length === 0 && only ? [only] : ips
}

/** @param reason For which it has to be so. */
function isTrue(pod: unknown, condition: string, reason?: string): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (one) =>
      textAt(one, 'type') === condition &&
      textAt(one, 'status') === 'True' &&
      (reason === undefined || textAt(one, 'reason') === reason),
  )
}
