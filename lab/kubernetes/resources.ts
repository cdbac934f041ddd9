import type { Event, KubeObject, Pod, Service, TargetGroupBinding } from './objects.ts'

/** A resource that the API serves. All of them are in namespaces, but for `namespaces`. */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly versions: readonly string[]
  readonly plural: string
  readonly kind: string
  /** Never there: what the objects are, to the compiler. */
  readonly shape?: T
}

const core = <T extends KubeObject>(plural: string, kind: string): Resource<T> => ({
  ...{ group: '', versions: ['v1'], plural, kind },
})
const apps = (plural: string, kind: string): Resource => ({
  ...{ group: 'apps', versions: ['v1'], plural, kind },
})

export const pods = core<Pod>('pods', 'Pod')
export const services = core<Service>('services', 'Service')
export const events = core<Event>('events', 'Event')
export const serviceAccounts = core('serviceaccounts', 'ServiceAccount')
/** Kept in the namespace of the empty name. */
export const namespaces = core('namespaces', 'Namespace')
export const deployments = apps('deployments', 'Deployment')
export const replicaSets = apps('replicasets', 'ReplicaSet')

/** The custom resource of the AWS Load Balancer Controller, and that of EKS Auto Mode. */
export const controllerBindings: Resource<TargetGroupBinding> = {
  group: 'elbv2.k8s.aws',
  versions: ['v1beta1', 'v1alpha1'],
  plural: 'targetgroupbindings',
  kind: 'TargetGroupBinding',
}
export const autoModeBindings: Resource<TargetGroupBinding> = {
  group: 'eks.amazonaws.com',
  versions: ['v1'],
  plural: 'targetgroupbindings',
  kind: 'TargetGroupBinding',
}

/**
 * A CRD of the group that EKS Auto Mode's bindings are in, which clusters without Auto Mode have as well
 * (aws/eks-node-monitoring-agent, api/crds). It is in no namespace.
 */
export const nodeDiagnostics: Resource = {
  group: 'eks.amazonaws.com',
  versions: ['v1alpha1'],
  plural: 'nodediagnostics',
  kind: 'NodeDiagnostic',
}

export const builtIn: readonly Resource[] = [
  ...[pods, services, events, serviceAccounts, namespaces],
  ...[deployments, replicaSets],
]

/** As errors name it: `targetgroupbindings.elbv2.k8s.aws`. */
export function qualified({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}
