import type { KubernetesObject } from './render.ts'

/** A pod's spec, as far as draingate is concerned. */
export interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly { readonly name: string; readonly projected?: object }[]
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } }
  }[]
  readonly ports?: readonly { readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly lifecycle?: {
    readonly preStop?: { readonly httpGet?: { readonly path: string; readonly port: number } }
  }
}

/** The pods and pod templates among objects. */
export function podSpecsOf(objects: readonly KubernetesObject[]): PodSpec[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [(object as unknown as { spec: PodSpec }).spec]
    if (object.kind !== 'Deployment') return []
    return [(object as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec]
  })
}

/** The container that is draingate, if there is one. */
export function sidecarOf({ initContainers = [], containers }: PodSpec): Container | undefined {
  return [...initContainers, ...containers].find(({ name }) => name === 'draingate')
}

/** draingate's environment, the app's where it runs in the app's; what the downward API gives is made up. */
export function environmentOf(spec: PodSpec): Record<string, string> {
  const env = (sidecarOf(spec) ?? spec.containers[0])?.env ?? []
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [
      name,
      value ?? downward[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
    ]),
  )
}

const downward: Readonly<Record<string, string>> = {
  'metadata.name': 'web-5d4f-abcde',
  'metadata.namespace': 'shop',
  'status.podIPs': '10.0.1.7,fd00::7',
  'status.hostIP': '10.0.1.1',
}
