import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { textAt } from '../json.ts'
import type { InCluster } from './https.ts'
import { claimsOf } from './token.ts'

/** Which pod we are in. */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** Where the API server is, and which pod this is; or why there is no telling. */
export type Place =
  | ({ readonly kind: 'pod'; readonly pod: PodName } & InCluster)
  | { readonly kind: 'elsewhere'; readonly said: string }

export interface PlaceHints {
  /** The process's environment: the kubelet sets `KUBERNETES_SERVICE_HOST` and its like. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder of the service account. */
  readonly directory: string
  readonly name?: string
  readonly namespace?: string
}

/**
 * Finds out from inside a pod where it is. What the downward API did not tell is in the service
 * account's files: the token is bound to the pod and names it (Kubernetes, Managing Service Accounts).
 */
export function findPlace({ environment, directory, name, namespace }: PlaceHints): Place {
  const found = findApiServer({ environment, directory })
  if ('said' in found) return { kind: 'elsewhere', said: found.said }
  const claims = claimsOf(found.token)
  const pod = {
    name: name ?? textAt(claims, 'kubernetes.io', 'pod', 'name'),
    namespace: namespace ?? textAt(claims, 'kubernetes.io', 'namespace') ?? namespaceIn(directory),
  }
  if (!pod.name || !pod.namespace) {
    const said =
      'POD_NAME and POD_NAMESPACE are not set: take them from metadata.name and metadata.namespace (fieldRef)'
    return { kind: 'elsewhere', said }
  }
  return { kind: 'pod', ...found.place, pod: { name: pod.name, namespace: pod.namespace } }
}

/** Finds out from inside a pod where the API server is, whichever pod that is; or why there is no telling. */
export function findApiServer({
  environment,
  directory,
}: Pick<PlaceHints, 'environment' | 'directory'>):
  | { readonly place: InCluster; readonly token: string }
  | { readonly said: string } {
  const host = environment.KUBERNETES_SERVICE_HOST
  const port = Number(
    environment.KUBERNETES_SERVICE_PORT_HTTPS ?? environment.KUBERNETES_SERVICE_PORT,
  )
  const lacking = host ? 'KUBERNETES_SERVICE_PORT_HTTPS' : 'KUBERNETES_SERVICE_HOST'
  if (!host || !Number.isInteger(port)) {
    return { said: `not in a Kubernetes pod: ${lacking} is not set` }
  }
  try {
    const token = readFileSync(join(directory, 'token'), 'utf8')
    return { place: { host, port, directory }, token }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    const fix = 'set automountServiceAccountToken: true'
    return { said: `no service account token in ${directory} (${why}): ${fix}` }
  }
}

function namespaceIn(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'namespace'), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
