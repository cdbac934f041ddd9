import { type AwsBalancer, createAwsBalancer } from '../aws/balancer.ts'
import { createHttpsApi } from '../cluster/api/https.ts'
import type { KubernetesApi, Refusal } from '../cluster/api/kubernetes-api.ts'
import type { PodName } from '../cluster/api/place.ts'
import { type Cluster, createCluster } from '../cluster/cluster.ts'
import { createApiSource } from '../cluster/finding/api-source.ts'
import type { Binding } from '../cluster/objects/bindings.ts'
import type { Balancer } from '../drain/ports.ts'
import { createLookout, type Lookout, type Otherwise } from '../lookout/client/client.ts'
import { podIpsOf, type Settings } from '../settings/settings.ts'
import { clock, wallClock } from '../time/clock.ts'
import { accessOf } from './access.ts'
import { drawn } from './limits.ts'
import { placeFor } from './place.ts'

/** With what a pod looks. */
export interface Eyes {
  readonly balancer: Balancer
  /** Undefined where nobody can be asked about the pod, with the reason in `apart`. */
  readonly cluster: Cluster | undefined
  readonly apart: string
  /** Who is asked first, if anybody looks for the pod. */
  readonly lookout: Lookout | undefined
  /** The pod's own way to AWS, whether or not it is gone. */
  readonly aws: AwsBalancer
}

/** How the API server is reached, and which pod is ours. */
export interface Reach {
  readonly api: KubernetesApi
  readonly name: PodName
}

type Untold = (refusal: Refusal) => void

/** As the settings say: with its own eyes, or with those of the lookout. */
export function openEyes(settings: Settings, untold: Untold): Eyes {
  const place = placeFor(settings)
  const reach =
    place.kind === 'pod' ? { api: createHttpsApi(clock, place), name: place.pod } : undefined
  const apart = place.kind === 'pod' ? '' : place.said
  return { ...eyesOf(settings, reach, untold), apart }
}

/** AWS, the cluster and the lookout, which know of each other only what is handed on here. */
export function eyesOf(
  settings: Settings,
  reach: Reach | undefined,
  untold: Untold,
): Omit<Eyes, 'apart'> {
  const bindings = new Map<string, Binding>()
  const podIps = () => [...podIpsOf(settings), ...(cluster?.pod.last()?.ips ?? [])]
  const access = accessOf(settings, (group) => bindings.get(group)?.role)
  const aws = createAwsBalancer({ clock, podIps, access })
  const own = reach && createApiSource({ ...reach, clock, wallClock })
  const lookout = lookoutOf(settings, { balancer: aws, ...(own ? { source: own } : {}) })
  const source = lookout?.source ?? own
  const cluster: Cluster | undefined =
    source &&
    createCluster({
      ...{ source, clock, untold, port: settings.LISTEN_ADDRESS.port },
      arnOf: ({ groupName = '', role }, signal) => aws.arnOf(groupName, role, signal),
      found: (arn, binding) => bindings.set(arn, binding),
    })
  return { balancer: lookout?.balancer ?? aws, cluster, lookout, aws }
}

function lookoutOf(settings: Settings, self: Otherwise): Lookout | undefined {
  const { LOOKOUT_URL: urls, LOOKOUT_TOKEN_PATH: tokenPath, LOOKOUT_CA_FILE: caFile } = settings
  const { POD_NAME: name, POD_NAMESPACE: namespace } = settings
  if (urls.length === 0) return undefined
  return createLookout({
    ...{ urls, tokenPath, clock, fallbackMs: settings.FALLBACK_SECONDS },
    ...{ spread: drawn(), callsPerSecond: settings.API_CALLS_PER_SECOND },
    ownPod: { ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) },
    ...(caFile === undefined ? {} : { caFile }),
    ...(settings.LOOKOUT_ELSE === 'self' ? { otherwise: self } : {}),
  })
}
