import { at, isRecord, listAt, numberAt, textAt } from '../../cluster/json.ts'
import { isSidecar } from '../../cluster/objects/container.ts'
import { type PodObject, readPod } from '../../cluster/objects/pod.ts'

/** A Pod in the API server's own words, as far as the pod itself is told. */
export interface PodTold {
  readonly kind: 'pod'
  readonly object: unknown
  /** The API server's time, in milliseconds since 1970; left out where it gave none. */
  readonly serverMs?: number
}

/**
 * What a pod is told of itself: not its annotations, nor the values of the environment of other containers than
 * its sidecar, which the sidecar has no business with.
 */
export function tellPod(object: unknown, serverMs: number): PodTold {
  const spec = at(object, 'spec')
  const metadata = at(object, 'metadata')
  const told = {
    metadata: {
      ...(isRecord(metadata) ? metadata : {}),
      annotations: undefined,
      managedFields: undefined,
    },
    spec: {
      ...(isRecord(spec) ? spec : {}),
      volumes: undefined,
      ephemeralContainers: undefined,
      containers: listAt(spec, 'containers').map(withoutValues),
      initContainers: listAt(spec, 'initContainers').map(withoutValues),
    },
    status: at(object, 'status'),
  }
  return { kind: 'pod', object: told, ...(Number.isFinite(serverMs) ? { serverMs } : {}) }
}

/** Istio's variable tells which hook was there before it rewrote it. */
const readEverywhere = ['ISTIO_KUBE_APP_PROBERS']

function withoutValues(container: unknown): unknown {
  if (!isRecord(container)) return container
  const [name = '', image = ''] = [textAt(container, 'name'), textAt(container, 'image')]
  if (isSidecar({ name, image })) return container
  const env = listAt(container, 'env').map((entry) => {
    const variable = textAt(entry, 'name') ?? ''
    return readEverywhere.includes(variable) || !isRecord(entry)
      ? entry
      : { ...entry, value: undefined }
  })
  return { ...container, env }
}

/** Reads a pod that was told; undefined when it is none. */
export function readPodTold(
  body: unknown,
): { readonly object: PodObject; readonly serverMs: number } | undefined {
  const object = textAt(body, 'kind') === 'pod' ? readPod(at(body, 'object')) : undefined
  return object && { object, serverMs: numberAt(body, 'serverMs') ?? Number.NaN }
}
