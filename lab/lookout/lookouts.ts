import { randomUUID } from 'node:crypto'
import type { Environment } from '../elbv2/aws.ts'
import { mount } from '../kubelet/mounts.ts'
import { createProcesses } from '../kubelet/processes.ts'
import { leastRules, type Rule } from '../kubernetes/access.ts'
import type { ControlPlane } from '../kubernetes/control-plane.ts'
import { createLookout, type Lookout } from './lookout.ts'

export interface LookoutsOptions {
  readonly count: number
  /** The program: `dist/draingate.js`, or `src/main.ts`. */
  readonly main: string
  /** Their credentials for AWS, and where it is. */
  readonly aws: Environment
  /** What their ClusterRole allows. Default: what they cannot do without. */
  readonly rules?: readonly Rule[]
  /** More settings. */
  readonly env?: Readonly<Record<string, string>>
  /** Hears each line that one of them writes. */
  readonly line?: (lookout: string, text: string) => void
}

/** The Deployment of the lookout, as the chart installs it. */
export interface Lookouts {
  readonly all: readonly Lookout[]
  /** What a sidecar is told: LOOKOUT_URL. */
  readonly url: string
  /** What the processes of one find in their environment. */
  environmentOf(name: string): Record<string, string>
  /** Puts new tokens in the place of the old, as the kubelet does. */
  rotate(): void
  close(): Promise<void>
}

const namespace = 'draingate'
const account = 'draingate-lookout'

/** Starts lookouts of a cluster; resolves when all are ready. */
export async function startLookouts(
  options: LookoutsOptions,
  { access, server }: Pick<ControlPlane, 'access' | 'server'>,
): Promise<Lookouts> {
  const { count, main, aws, rules = leastRules, env, line } = options
  access.grantEverywhere(namespace, account, rules)
  const processes = createProcesses()
  const pods = Array.from({ length: count }, (_, n) => ({
    ...{ name: `lookout-${n}`, uid: randomUUID() },
    mounts: mount(server.ca, namespace),
  }))

  function rotate(): void {
    for (const { mounts, ...pod } of pods) {
      mounts.putToken(access.issue({ namespace, account, pod }))
    }
  }

  const environmentOf = (name: string): Record<string, string> => ({
    ...aws,
    KUBERNETES_SERVICE_HOST: server.host,
    KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
    SERVICE_ACCOUNT_DIRECTORY: pods.find((one) => one.name === name)?.mounts.directory ?? '',
    POD_NAME: name,
    POD_NAMESPACE: namespace,
    LISTEN_ADDRESS: '127.0.0.1:0',
    LOOKOUT_URL: urls(),
    ...env,
  })
  rotate()
  const all = await Promise.all(
    pods.map(({ name }) =>
      createLookout({
        ...{ name, processes, command: [process.execPath, main, 'lookout'] },
        environment: () => environmentOf(name),
        line: (text) => line?.(name, text),
      }),
    ),
  )
  const urls = () => all.map(({ url }) => url).join(',')

  async function close(): Promise<void> {
    await processes.close()
    await Promise.all(all.map((one) => one.close()))
    for (const { mounts } of pods) mounts.remove()
  }
  try {
    await Promise.all(all.map((one) => one.start()))
  } catch (error) {
    await close()
    throw error
  }
  return { all, url: urls(), environmentOf, rotate, close }
}
