/** An object as the API shows it; the store keeps the part of its metadata that is the server's. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  [field: string]: unknown
}

export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  creationTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** The first deletion's time plus `deletionGracePeriodSeconds`. */
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
}

export interface Pod extends KubeObject {
  spec?: {
    nodeName?: string
    serviceAccountName?: string
    terminationGracePeriodSeconds?: number
    readinessGates?: { conditionType: string }[]
    containers?: Container[]
    initContainers?: Container[]
    volumes?: ProjectedVolume[]
  }
  status?: PodStatus
}

export interface Container {
  name: string
  image: string
  restartPolicy?: 'Always'
  env?: { name: string; value: string }[]
  ports?: { containerPort: number; name?: string }[]
  lifecycle?: object
  readinessProbe?: object
  volumeMounts?: { name: string; mountPath: string; readOnly?: true }[]
}

/** A volume of a pod's own tokens. */
export interface ProjectedVolume {
  name: string
  projected: {
    sources: {
      serviceAccountToken: { audience?: string; expirationSeconds?: number; path: string }
    }[]
  }
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  conditions?: Condition[]
  hostIP?: string
  hostIPs?: { ip: string }[]
  podIP?: string
  podIPs?: { ip: string }[]
  startTime?: string
  qosClass?: 'BestEffort'
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
}

export interface Condition {
  type: string
  status: 'True' | 'False'
  lastProbeTime?: string | null
  lastTransitionTime?: string
  reason?: string
  message?: string
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  ready: boolean
  started: boolean
  restartCount: number
  state: ContainerState
  lastState: ContainerState
}

export interface ContainerState {
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    signal?: number
    reason: 'Completed' | 'Error'
    /** What the container left in its termination message file. */
    message?: string
    startedAt: string
    finishedAt: string
  }
}

export interface Service extends KubeObject {
  spec?: {
    selector?: Record<string, string>
    ports?: { name?: string; port: number; targetPort?: number | string }[]
    type?: 'ClusterIP' | 'NodePort'
  }
}

/** The custom resource of the AWS Load Balancer Controller (config/crd/bases, its spec in v1beta1). */
export interface TargetGroupBinding extends KubeObject {
  spec?: {
    serviceRef?: { name: string; port: number | string }
    targetGroupARN?: string
    targetGroupName?: string
    targetType?: 'instance' | 'ip'
    targetGroupProtocol?: string
    ipAddressType?: 'ipv4' | 'ipv6'
    vpcID?: string
    multiClusterTargetGroup?: boolean
    iamRoleArnToAssume?: string
    assumeRoleExternalId?: string
  }
}

export interface Event extends KubeObject {
  involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string }
  type?: string
  reason?: string
  message?: string
}
