import { at, listAt, numberAt, portAt, textAt } from '../json.ts'

/** What is read of a container in a Pod's spec. */
export interface ContainerObject {
  readonly name: string
  readonly image: string
  /** Whether it ends after the others: an init container with `restartPolicy: Always`. */
  readonly role: 'main' | 'native-sidecar'
  /** Its command line, as far as the pod's spec tells it; the rest is its image's. */
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  /** The ConfigMaps and Secrets that the rest of its environment comes from, which nobody reads here. */
  readonly environmentElsewhere: readonly string[]
  /** Where volumes are mounted; the service account's token is one, unless that was turned off. */
  readonly mounts: readonly string[]
  /** Those that it declares: it need not declare any. */
  readonly ports: readonly ContainerPort[]
  readonly hook: Hook
  /** How long it may take when a probe's failure restarts it, where a probe says so. */
  readonly probeGraceMs?: number
}

export interface ContainerPort {
  readonly port: number
  readonly name?: string
}

/** What a container's preStop does, as far as it matters here. */
export type Hook =
  | { readonly kind: 'none' }
  | HttpHook
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'sleep' }

export interface HttpHook {
  readonly kind: 'http'
  readonly port: number | string
  readonly path: string
  readonly host?: string
}

/** Whether a container is draingate's own: by its name, or by its image's. */
export function isSidecar({ name, image }: Pick<ContainerObject, 'name' | 'image'>): boolean {
  return name === 'draingate' || /(^|\/)draingate([:@]|$)/.test(image)
}

/** The containers of a Pod that serve or help to: those that only prepare it have ended by then. */
export function readContainers(pod: unknown): ContainerObject[] {
  return [
    ...listAt(pod, 'spec', 'containers').map((container) => readContainer(container, 'main')),
    ...listAt(pod, 'spec', 'initContainers')
      .filter((container) => textAt(container, 'restartPolicy') === 'Always')
      .map((container) => readContainer(container, 'native-sidecar')),
  ]
}

function readContainer(container: unknown, role: ContainerObject['role']): ContainerObject {
  const entries = listAt(container, 'env').map((entry): [string, string] => [
    textAt(entry, 'name') ?? '',
    textAt(entry, 'value') ?? '',
  ])
  const probeGraceMs = probeGraceOf(container)
  return {
    name: textAt(container, 'name') ?? '',
    image: textAt(container, 'image') ?? '',
    role,
    command: words(container, 'command'),
    args: words(container, 'args'),
    environment: new Map(entries),
    environmentElsewhere: elsewhere(container),
    mounts: listAt(container, 'volumeMounts').flatMap((mount) => textAt(mount, 'mountPath') ?? []),
    ports: listAt(container, 'ports').flatMap(readPort),
    hook: readHook(container),
    ...(probeGraceMs === undefined ? {} : { probeGraceMs }),
  }
}

function words(container: unknown, ...path: readonly string[]): string[] {
  return listAt(container, ...path).map((word) => (typeof word === 'string' ? word : ''))
}

/**
 * The shortest one of those probes whose failure restarts it (Kubernetes, Probe-level
 * terminationGracePeriodSeconds).
 */
function probeGraceOf(container: unknown): number | undefined {
  const seconds = ['livenessProbe', 'startupProbe'].flatMap(
    (probe) => numberAt(container, probe, 'terminationGracePeriodSeconds') ?? [],
  )
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 1_000
}

function readPort(entry: unknown): ContainerPort[] {
  const port = numberAt(entry, 'containerPort')
  const name = textAt(entry, 'name')
  return port === undefined ? [] : [{ port, ...(name ? { name } : {}) }]
}

function elsewhere(container: unknown): string[] {
  const name = (kind: string, source: unknown) => {
    const found = textAt(source, 'name')
    return found ? [`${kind} ${found}`] : []
  }
  const references = [
    ...listAt(container, 'env').flatMap((entry) => [
      ...name('ConfigMap', at(entry, 'valueFrom', 'configMapKeyRef')),
      ...name('Secret', at(entry, 'valueFrom', 'secretKeyRef')),
    ]),
    ...listAt(container, 'envFrom').flatMap((entry) => [
      ...name('ConfigMap', at(entry, 'configMapRef')),
      ...name('Secret', at(entry, 'secretRef')),
    ]),
  ]
  return [...new Set(references)]
}

function readHook(container: unknown): Hook {
  const inHook = ['lifecycle', 'preStop'] as const
  const port = portAt(container, ...inHook, 'httpGet', 'port')
  if (port !== undefined) {
    const host = textAt(container, ...inHook, 'httpGet', 'host')
    const path = textAt(container, ...inHook, 'httpGet', 'path') ?? '/'
    return { kind: 'http', port, path, ...(host ? { host } : {}) }
  }
  const command = words(container, ...inHook, 'exec', 'command')
  if (command.length > 0) return { kind: 'exec', command }
  return numberAt(container, ...inHook, 'sleep', 'seconds') === undefined
    ? { kind: 'none' }
    : { kind: 'sleep' }
}
