import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAws } from '../../lab/elbv2/aws.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'
import { leastRules } from '../../lab/kubernetes/access.ts'
import { startControlPlane } from '../../lab/kubernetes/control-plane.ts'
import { controllerBindings, pods, services } from '../../lab/kubernetes/resources.ts'
import type { Program } from '../footprint/process.ts'
import { draingate, type Runtime } from '../footprint/programs.ts'

/** A pod as its sidecar knows it. */
export interface SidecarPod {
  readonly name: string
  readonly ip: string
  readonly group: string
  /** Where its token for the lookout is. */
  readonly tokenPath: string
}

export const targetsEach = 1_000
export const [namespace, delayMs, graceMs] = ['shop', 30_000, 55_000]
const lifetimeMs = 24 * 3_600_000
const [ownNamespace, ownAccount] = ['draingate', 'draingate-lookout']

/** The lab's AWS and Kubernetes API, with pods in groups of a thousand targets; and what a lookout of them is told. */
export async function startWorld(count: number) {
  const now = () => performance.now()
  const registry = createRegistry({ now, propagationMs: () => 10_000 })
  const aws = await startAws({ registry, now })
  const { store, access, server } = await startControlPlane(Date.now)
  access.grantEverywhere(ownNamespace, ownAccount, leastRules)
  const directory = mkdtempSync(join(tmpdir(), 'draingate-lookout-'))
  const groups = Array.from({ length: Math.ceil(count / targetsEach) }, (_, n) => makeGroup(n))
  const all = Array.from({ length: count }, (_, n) => makePod(n))
  writeFileSync(
    join(directory, 'token'),
    access.issue({ namespace: ownNamespace, account: ownAccount, lifetimeMs }),
  )
  writeFileSync(join(directory, 'ca.crt'), server.ca)

  /** With its Service and its binding. */
  function makeGroup(n: number): string {
    const { arn } = registry.createGroup({ name: `web-${n}`, deregistrationDelayMs: delayMs })
    const name = `web-${n}`
    const selector = { app: name }
    store.create(services, namespace, { metadata: { name }, spec: { selector } })
    store.create(controllerBindings, namespace, {
      metadata: { name },
      spec: { targetGroupARN: arn, serviceRef: { name, port: 80 }, targetType: 'ip' },
    })
    return arn
  }

  function makePod(n: number): SidecarPod {
    const which = Math.floor(n / targetsEach)
    const [name, ip, group] = [
      `web-${which}-${n}`,
      `10.1.${n >> 8}.${n & 255}`,
      groups[which] ?? '',
    ]
    const made = store.create(pods, namespace, {
      metadata: { name, labels: { app: `web-${which}` } },
      spec: {
        ...{ serviceAccountName: 'web', nodeName: 'node-1' },
        terminationGracePeriodSeconds: graceMs / 1_000,
        containers: [{ name: 'web', image: 'web:1.0.0' }],
      },
      status: { podIP: ip, podIPs: [{ ip }] },
    })
    const { uid = '' } = made.metadata
    const pod = { name, uid }
    const tokenPath = join(directory, name)
    const bound = { namespace, account: 'web', pod, audience: 'draingate', lifetimeMs }
    writeFileSync(tokenPath, access.issue(bound))
    registry.register(group, [{ id: ip, port: 8080 }])
    registry.report(group, { id: ip, port: 8080 }, 'healthy')
    return { name, ip, group, tokenPath }
  }

  return {
    ...{ pods: all, aws },
    delete: ({ name }: SidecarPod) => store.delete(pods, namespace, name),
    deregister: ({ group, ip }: SidecarPod) => registry.deregister(group, [{ id: ip, port: 8080 }]),
    program(on: Runtime): Program {
      const program = draingate(on, {
        ...aws.environment,
        KUBERNETES_SERVICE_HOST: server.host,
        KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
        SERVICE_ACCOUNT_DIRECTORY: directory,
      })
      return { ...program, args: [...program.args, 'lookout'] }
    },
    async close() {
      await server.close()
      await aws.close()
      rmSync(directory, { recursive: true })
    },
  }
}
