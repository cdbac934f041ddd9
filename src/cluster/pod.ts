import { listAt, numberAt, textAt, textsAt } from './json.ts'

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
  readonly gracePeriodMs: number
  /** Condition types. */
  readonly readinessGates: readonly string[]
  readonly hostNetwork: boolean
  readonly ips: readonly string[]
  readonly node?: string
  readonly serviceAccount: string
  readonly containers: readonly ContainerObject[]
}

export interface ContainerObject {
  readonly name: string
  readonly image: string
  /** Whether it ends after the others: an init container with `restartPolicy: Always`. */
  readonly role: 'main' | 'native-sidecar'
  readonly environment: ReadonlyMap<string, string>
  readonly hook: Hook
}

/** What a container's preStop does, as far as it matters here. */
export type Hook =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'http'
      readonly port: number | string
      readonly path: string
      readonly host?: string
    }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'sleep' }

/** Whether a container's hook is the drain itself: `draingate wait`, from the app's own image. */
export function runsDraingate({ hook }: ContainerObject): boolean {
  return hook.kind === 'exec' && hook.command.some((word) => /draingate/.test(word))
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
  const graceSeconds =
    numberAt(body, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds
  const node = textAt(body, 'spec', 'nodeName')
  return {
    ...{ namespace, name, uid },
    labels: textsAt(body, 'metadata', 'labels'),
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
    ...(Number.isFinite(deletedByMs) ? { deletedByMs } : {}),
    gracePeriodMs: graceSeconds * 1_000,
    readinessGates: listAt(body, 'spec', 'readinessGates').flatMap(
      (gate) => textAt(gate, 'conditionType') ?? [],
    ),
    hostNetwork: (body as { spec?: { hostNetwork?: unknown } }).spec?.hostNetwork === true,
    ips: ipsOf(body),
    ...(node ? { node } : {}),
    serviceAccount: textAt(body, 'spec', 'serviceAccountName') ?? 'default',
    containers: [
      ...listAt(body, 'spec', 'containers').map((container) => readContainer(container, 'main')),
      ...listAt(body, 'spec', 'initContainers')
        .filter((container) => textAt(container, 'restartPolicy') === 'Always')
        .map((container) => readContainer(container, 'native-sidecar')),
    ],
  }
}

function ipsOf(body: unknown): string[] {
  const ips = listAt(body, 'status', 'podIPs').flatMap((entry) => textAt(entry, 'ip') ?? [])
  const [only] = [textAt(body, 'status', 'podIP')]
  return ips.length === 0 && only ? [only] : ips
}

function readContainer(container: unknown, role: ContainerObject['role']): ContainerObject {
  const entries = listAt(container, 'env').map((entry): [string, string] => [
    textAt(entry, 'name') ?? '',
    textAt(entry, 'value') ?? '',
  ])
  return {
    name: textAt(container, 'name') ?? '',
    image: textAt(container, 'image') ?? '',
    role,
    environment: new Map(entries),
    hook: readHook(container),
  }
}

function readHook(container: unknown): Hook {
  const at = ['lifecycle', 'preStop'] as const
  const port =
    numberAt(container, ...at, 'httpGet', 'port') ?? textAt(container, ...at, 'httpGet', 'port')
  if (port !== undefined) {
    const host = textAt(container, ...at, 'httpGet', 'host')
    const path = textAt(container, ...at, 'httpGet', 'path') ?? '/'
    return { kind: 'http', port, path, ...(host ? { host } : {}) }
  }
  const command = listAt(container, ...at, 'exec', 'command')
  if (command.length > 0) return { kind: 'exec', command: command.map(String) }
  return numberAt(container, ...at, 'sleep', 'seconds') === undefined
    ? { kind: 'none' }
    : { kind: 'sleep' }
}
