import { itemsOf, listAt, numberAt, portAt, textAt, textsAt } from '../json.ts'
import type { PodObject } from './pod.ts'

/** The API groups of TargetGroupBinding: the AWS Load Balancer Controller's, and EKS Auto Mode's. */
export const bindingGroups = ['elbv2.k8s.aws', 'eks.amazonaws.com'] as const
export type BindingGroup = (typeof bindingGroups)[number]

/** What is read of a TargetGroupBinding. */
export interface Binding {
  readonly apiGroup: BindingGroup
  readonly name: string
  /** One of the two, or both: the controller fills in the ARN where only the name was given. */
  readonly arn?: string
  readonly groupName?: string
  readonly targetType?: 'ip' | 'instance'
  readonly protocol?: string
  /** The Service whose pods it registers, and with which of its ports: a number or a name. */
  readonly service: string
  readonly servicePort?: number | string
  /** With which role the group is reached, when it is in another account. */
  readonly role?: { readonly arn: string; readonly externalId?: string }
}

/** Reads a TargetGroupBinding; undefined when it is none. */
export function readBinding(body: unknown, apiGroup: BindingGroup): Binding | undefined {
  const name = textAt(body, 'metadata', 'name')
  const arn = textAt(body, 'spec', 'targetGroupARN')
  const groupName = textAt(body, 'spec', 'targetGroupName')
  if (!name || (!arn && !groupName)) return undefined
  const type = textAt(body, 'spec', 'targetType')
  const protocol = textAt(body, 'spec', 'targetGroupProtocol')
  const servicePort = portAt(body, 'spec', 'serviceRef', 'port')
  const roleArn = textAt(body, 'spec', 'iamRoleArnToAssume')
  const externalId = textAt(body, 'spec', 'assumeRoleExternalId')
  return {
    ...{ apiGroup, name },
    ...(arn ? { arn } : {}),
    ...(groupName ? { groupName } : {}),
    ...(type === 'ip' || type === 'instance' ? { targetType: type } : {}),
    ...(protocol ? { protocol } : {}),
    service: textAt(body, 'spec', 'serviceRef', 'name') ?? '',
    ...(servicePort === undefined ? {} : { servicePort }),
    ...(roleArn ? { role: { arn: roleArn, ...(externalId ? { externalId } : {}) } } : {}),
  }
}

/** Reads a list of them; undefined when it is none. */
export function readBindings(body: unknown, apiGroup: BindingGroup): Binding[] | undefined {
  return itemsOf(body)?.flatMap((item) => readBinding(item, apiGroup) ?? [])
}

/** What is read of a Service. */
export interface ServiceObject {
  readonly name: string
  readonly selector: ReadonlyMap<string, string>
  readonly publishNotReadyAddresses: boolean
  readonly ports: readonly ServicePort[]
}

export interface ServicePort {
  readonly port: number
  readonly name?: string
  /** The port of the pods behind it, by number or by its name in a container. */
  readonly target: number | string
}

/** Reads a list of Services; undefined when it is none. */
export function readServices(body: unknown): ServiceObject[] | undefined {
  return itemsOf(body)?.flatMap((item) => {
    const name = textAt(item, 'metadata', 'name')
    if (!name) return []
    const { spec } = item as { spec?: { publishNotReadyAddresses?: unknown } }
    const publishNotReadyAddresses = spec?.publishNotReadyAddresses === true
    const selector = textsAt(item, 'spec', 'selector')
    const ports = listAt(item, 'spec', 'ports').flatMap(readServicePort)
    return [{ name, selector, publishNotReadyAddresses, ports }]
  })
}

function readServicePort(entry: unknown): ServicePort[] {
  const port = numberAt(entry, 'port')
  const name = textAt(entry, 'name')
  if (port === undefined) return []
  const target = portAt(entry, 'targetPort') ?? port
  return [{ port, ...(name ? { name } : {}), target }]
}

/** Whether a Service's selector selects a pod. One without a selector selects none. */
export function selects({ selector }: ServiceObject, { labels }: PodObject): boolean {
  return selector.size > 0 && [...selector].every(([key, value]) => labels.get(key) === value)
}

/**
 * Whether it would select the pod but for the labels that rollout tools move from one version's pods to
 * the next's: it may have done so before (Argo Rollouts, blue-green: the active Service's selector).
 */
export function selectsOtherwise({ selector }: ServiceObject, { labels }: PodObject): boolean {
  const others = [...selector].filter(([key]) => !movedLabels.includes(key))
  return others.length > 0 && others.every(([key, value]) => labels.get(key) === value)
}

const movedLabels: readonly string[] = ['rollouts-pod-template-hash']

/**
 * The prefixes of the readiness gates by which the controller names a pod's bindings
 * (aws-load-balancer-controller, docs/deploy/pod_readiness_gate.md), the second one that of its version 1.
 * That of EKS Auto Mode is in no documentation; it was seen in clusters.
 */
const gatePrefixes = [
  'target-health.elbv2.k8s.aws/',
  'target-health.alb.ingress.k8s.aws/',
  'target-health.eks.amazonaws.com/',
]

/** The names of the bindings that a pod's readiness gates are about. */
export function gatedBindings({ readinessGates }: PodObject): string[] {
  return readinessGates.flatMap((gate) =>
    gatePrefixes.flatMap((prefix) => (gate.startsWith(prefix) ? gate.slice(prefix.length) : [])),
  )
}
