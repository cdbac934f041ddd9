/** A resource that the API serves. */
export interface Resource {
  readonly group: string
  readonly versions: readonly string[]
  readonly plural: string
  readonly kind: string
}

const core = (plural: string, kind: string): Resource => ({
  ...{ group: '', versions: ['v1'], plural, kind },
})

export const pods = core('pods', 'Pod')
export const services = core('services', 'Service')
export const events = core('events', 'Event')

/** The custom resource of the AWS Load Balancer Controller, and that of EKS Auto Mode. */
export const controllerBindings: Resource = {
  group: 'elbv2.k8s.aws',
  versions: ['v1beta1', 'v1alpha1'],
  plural: 'targetgroupbindings',
  kind: 'TargetGroupBinding',
}
export const autoModeBindings: Resource = {
  group: 'eks.amazonaws.com',
  versions: ['v1'],
  plural: 'targetgroupbindings',
  kind: 'TargetGroupBinding',
}

/** What is asked for another's permissions with; kept by nobody. */
export const subjectAccessReviews: Resource = {
  ...{ group: 'authorization.k8s.io', versions: ['v1'] },
  ...{ plural: 'subjectaccessreviews', kind: 'SubjectAccessReview' },
}

export const builtIn: readonly Resource[] = [pods, services, events]

/** As errors and Roles name it: `targetgroupbindings.elbv2.k8s.aws`. */
export function qualified({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}
