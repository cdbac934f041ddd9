import type { ContainerSpec, PodSpec } from '../kubelet/spec.ts'
import type { KubeObject } from './store.ts'

/** What a Deployment's pod template adds to the pod that the kubelet runs. */
export interface PodTemplate {
  readonly labels: Record<string, string>
  readonly serviceAccount: string
  /** Names of the TargetGroupBindings whose readiness gates were injected. */
  readonly gates: readonly string[]
}

/** A pod of the lab as its API object. */
export function podObject(name: string, spec: PodSpec, template: PodTemplate): KubeObject {
  const { labels, serviceAccount, gates } = template
  return {
    metadata: { name, labels },
    spec: {
      serviceAccountName: serviceAccount,
      nodeName: 'node-1',
      terminationGracePeriodSeconds: Math.round((spec.gracePeriodMs ?? 30_000) / 1_000),
      readinessGates: gates.map((gate) => ({
        conditionType: `target-health.elbv2.k8s.aws/${gate}`,
      })),
      containers: spec.containers.map(containerObject),
      initContainers: (spec.nativeSidecars ?? []).map((sidecar) => ({
        ...containerObject(sidecar),
        restartPolicy: 'Always',
      })),
    },
    status: {},
  }
}

function containerObject({ name, port, preStop, readiness }: ContainerSpec): object {
  return {
    name,
    image: `lab/${name}`,
    ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
    ...(preStop ? { lifecycle: { preStop: hookObject(preStop) } } : {}),
    ...(readiness
      ? { readinessProbe: { httpGet: { path: readiness.path, port: readiness.port } } }
      : {}),
  }
}

function hookObject(hook: NonNullable<ContainerSpec['preStop']>): object {
  if ('httpGet' in hook) return { httpGet: hook.httpGet }
  if ('exec' in hook) return { exec: { command: hook.exec } }
  return { sleep: { seconds: Math.round(hook.sleepMs / 1_000) } }
}
