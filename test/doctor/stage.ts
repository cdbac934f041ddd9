import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startAws } from '../../lab/elbv2/aws.ts'
import type { GroupOptions } from '../../lab/elbv2/group.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'
import { leastRules, type Rule } from '../../lab/kubernetes/access.ts'
import { startControlPlane } from '../../lab/kubernetes/control-plane.ts'
import type { KubeObject } from '../../lab/kubernetes/objects.ts'
import {
  autoModeBindings,
  controllerBindings,
  pods,
  type Resource,
  services,
} from '../../lab/kubernetes/resources.ts'
import type { Row } from '../../src/doctor/row.ts'
import { clock } from '../../src/time/clock.ts'
import { unpacked } from '../chart/binaries.ts'
import { binding, podObject, service } from '../support/scripted-cluster.ts'
import { run } from '../support/sidecar.ts'

export const hook = { lifecycle: { preStop: { httpGet: { path: '/prestop', port: 8089 } } } }
export const app = { name: 'app', image: 'web:1.0.0', ...hook }
/** As the API server admits it: the token is mounted by the ServiceAccount plugin. */
export const sidecar = {
  ...{ name: 'draingate', image: 'draingate:0.1.0', restartPolicy: 'Always' },
  volumeMounts: [
    { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ],
}

/** A pod that is wired well. */
const wellWired = {
  serviceAccountName: 'web',
  nodeName: 'node-1',
  terminationGracePeriodSeconds: 60,
  readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web' }],
  containers: [app],
  initContainers: [sidecar],
}

export interface Scene {
  /** What the pod's spec has instead. */
  readonly spec?: object
  readonly group?: Partial<GroupOptions>
  /** What the Role of the pod's service account allows. */
  readonly rules?: readonly Rule[]
  /** How the pod stands in its target group. */
  readonly target?: 'healthy' | 'unhealthy' | 'absent'
}

/** A pod in its cluster behind its load balancer, and doctors for it. */
export async function stage(t: Test, scene: Scene = {}) {
  const { spec = {}, group = {}, rules = leastRules, target = 'healthy' } = scene
  const registry = createRegistry({ now: clock.now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'web', deregistrationDelayMs: 30_000, ...group })
  if (target !== 'absent') {
    const registered = { id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }
    registry.register(arn, [registered])
    registry.report(arn, registered, target)
  }
  const aws = await startAws({ registry, now: clock.now })
  t.teardown(() => aws.close())
  const cluster = await startCluster(t)
  const { store, access, server, install, uninstall } = cluster
  access.grant('shop', 'web', rules)
  // With less care for their types than the lab has: some of them are to be wrong.
  const put = (resource: Resource, object: KubeObject) => store.create(resource, 'shop', object)
  put(pods, podObject({ ...wellWired, ...spec }))
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  put(services, service('web', { app: 'web' }, { ports }))
  const bound = {
    targetGroupARN: arn,
    ...(group.targetType ? { targetType: group.targetType } : {}),
  }
  put(controllerBindings, binding('web', 'web', bound))

  const token = cluster.issue('web')
  const directory = t.testdir({ token, 'ca.crt': server.ca })
  const inPod = {
    ...aws.environment,
    KUBERNETES_SERVICE_HOST: server.host,
    KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
    SERVICE_ACCOUNT_DIRECTORY: directory,
  }
  const diagnose = async (args: string[], env: Record<string, string>) => {
    const { code, stdout, stderr } = await run(['doctor', '--json', ...args], env)
    if (stderr !== '') throw new Error(stderr)
    return { code, rows: JSON.parse(stdout) as Row[] }
  }
  return {
    ...{ aws, registry, arn, store, put, access, server, token, directory, inPod },
    ...{ install, uninstall },
    /** In the pod, as `kubectl exec` runs it. */
    doctor: (env: Record<string, string> = {}, args: string[] = []) =>
      diagnose(args, { ...inPod, ...env }),
    /** On a laptop whose kubectl has leave to do this. */
    async laptop(pod: string, rules: readonly Rule[] = laptopRules) {
      access.grant('shop', 'laptop', rules)
      access.grantEverywhere('shop', 'laptop', rules.includes(reviews) ? [reviews] : [])
      const env = await kubectlFor(directory, server, cluster.issue('laptop'))
      return diagnose(['--pod', pod], { ...aws.environment, ...env })
    },
  }
}

/** An API server with both kinds of TargetGroupBinding. */
async function startCluster(t: Test) {
  const { store, access, resources, server } = await startControlPlane(Date.now)
  resources.add(autoModeBindings)
  t.teardown(() => server.close())
  const pod = { name: 'web-1', uid: 'of-no-interest' }
  const issue = (account: string) =>
    access.issue({ namespace: 'shop', account, ...(account === 'web' ? { pod } : {}) })
  return {
    ...{ store, access, server, issue },
    install: (one: Resource) => resources.add(one),
    uninstall: (one: Resource) => resources.delete(one),
  }
}

export const reviews: Rule = {
  ...{
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
  },
}
const laptopRules = [...leastRules, reviews]

/** A PATH with the real kubectl, and a kubeconfig for it. */
async function kubectlFor(
  directory: string,
  server: { host: string; port: number; ca: string },
  token: string,
): Promise<Record<string, string>> {
  const path = join(directory, 'bin')
  mkdirSync(path, { recursive: true })
  if (!existsSync(join(path, 'kubectl')))
    symlinkSync(await unpacked('kubectl'), join(path, 'kubectl'))
  const kubeconfig = join(directory, 'kubeconfig')
  const url = `https://${server.host}:${server.port}`
  const authority = Buffer.from(server.ca).toString('base64')
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'lab' },
    clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: 'laptop', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'laptop' } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  return { PATH: path, HOME: directory, KUBECONFIG: kubeconfig }
}

/** The Role without one verb on one resource of one group. */
export const without = (group: string, resource: string, verb: string): Rule[] =>
  leastRules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.map((one) => ({
      ...{ apiGroups: [one], resources },
      verbs: verbs.filter(
        (each) => one !== group || !resources.includes(resource) || each !== verb,
      ),
    })),
  )

/** The rows of a check. */
export const about = (rows: readonly Row[], check: string) =>
  rows.filter((row) => row.check === check)

/** The checks that are not well, by state. */
export const unwell = (rows: readonly Row[]) =>
  rows.filter(({ state }) => state !== 'ok').map(({ state, check }) => `${state} ${check}`)
