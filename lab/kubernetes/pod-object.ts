import type { Images } from '../kubelet/images.ts'
import type { ContainerSpec, PodSpec } from '../kubelet/spec.ts'
import type { Container, Pod, ProjectedVolume } from './objects.ts'

/** What a Deployment's pod template adds to the processes of a pod. */
export interface PodTemplate {
  readonly labels: Record<string, string>
  readonly serviceAccount: string
  readonly node: string
  readonly images: Images
  /** How long one of the kubelet's seconds is. */
  readonly secondMs: number
}

/** A pod of the lab as its API object. */
export function podObject(name: string, spec: PodSpec, template: PodTemplate): Pod {
  const { labels, serviceAccount, node, images, secondMs } = template
  const { gracePeriodMs = 30 * secondMs, nativeSidecars = [] } = spec
  const all = [...nativeSidecars, ...spec.containers]
  const one = (container: ContainerSpec) => containerObject(container, images.push(container))
  return {
    metadata: { name, labels: { ...labels, ...spec.labels } },
    spec: {
      serviceAccountName: serviceAccount,
      nodeName: node,
      terminationGracePeriodSeconds: Math.round(gracePeriodMs / secondMs),
      containers: spec.containers.map(one),
      initContainers: nativeSidecars.map((sidecar) => ({
        ...one(sidecar),
        restartPolicy: 'Always',
      })),
      ...(all.some(({ lookoutToken }) => lookoutToken) && { volumes: [tokenVolume] }),
    },
    status: { phase: 'Pending' },
  }
}

function containerObject(container: ContainerSpec, image: string): Container {
  const { name, port, settings, preStop, readiness, lookoutToken } = container
  return {
    ...{ name, image },
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    ...(settings && {
      env: Object.entries(settings).map(([variable, value]) => ({ name: variable, value })),
    }),
    ...(preStop && { lifecycle: { preStop: hookObject(preStop) } }),
    ...(readiness && {
      readinessProbe: { httpGet: { path: readiness.path, port: readiness.port } },
    }),
    ...(lookoutToken && { volumeMounts: [tokenMount] }),
  }
}

/** As the chart's injection gives them to a pod that asks a lookout. */
const tokenVolume: ProjectedVolume = {
  name: 'draingate',
  projected: {
    sources: [
      { serviceAccountToken: { audience: 'draingate', expirationSeconds: 3_600, path: 'token' } },
    ],
  },
}
const tokenMount = {
  ...{ name: tokenVolume.name, mountPath: '/var/run/secrets/draingate' },
  readOnly: true,
} as const

function hookObject(hook: NonNullable<ContainerSpec['preStop']>): object {
  if ('httpGet' in hook) return { httpGet: hook.httpGet }
  if ('exec' in hook) return { exec: { command: hook.exec } }
  return { sleep: { seconds: Math.round(hook.sleepMs / 1_000) } }
}
