import { join } from 'node:path'
import type { Test } from 'tap'
import type { ContainerSpec, Place, PodSpec } from '../../../lab/kubelet/spec.ts'
import { type Lookouts, startLookouts } from '../../../lab/lookout/lookouts.ts'
import { type LabOptions, type LabScene, startLab } from '../lab-scene.ts'

const main = join(import.meta.dirname, '../../../dist/draingate.js')
const hookPort = 8089

export interface LookoutOptions extends LabOptions {
  readonly lookouts?: number
  /** Their settings, beside those that the lab needs. */
  readonly lookoutEnv?: Readonly<Record<string, string>>
  /** Whether pods may ask AWS and the API server as well. Left out: they have no way to either. */
  readonly ownAccess?: 'too'
}

export interface LookoutScene extends LabScene {
  readonly lookouts: Lookouts
  /** What all lookouts have written. */
  readonly lookoutLog: () => string
}

/** Pods whose sidecars have nothing but a token for their lookouts. */
export async function startLookoutLab(
  t: Test,
  { lookouts: count = 2, lookoutEnv = {}, ownAccess, ...options }: LookoutOptions = {},
): Promise<LookoutScene> {
  const scene = await startLab(t, options)
  const { kubernetes, aws, spec } = scene
  if (!ownAccess) kubernetes.access.grant('shop', 'web', [])
  const lines: string[] = []
  const lookouts = await startLookouts(
    {
      ...{ count, main, aws: aws.environment, env: lookoutEnv },
      line: (name, text) => lines.push(`${name} ${text}`),
    },
    kubernetes,
  )
  t.teardown(() => lookouts.close())
  return {
    ...{ ...scene, lookouts, lookoutLog: () => lines.join('\n') },
    spec: {
      ...spec,
      nativeSidecars: [
        sidecar(lookouts.url, { ...(ownAccess ? aws.environment : noAccess), ...options.env }),
      ],
    } satisfies PodSpec,
  }
}

const noAccess = { SERVICE_ACCOUNT_DIRECTORY: '/nowhere' }

function sidecar(lookoutUrl: string, env: Record<string, string>): ContainerSpec {
  return {
    ...{ name: 'draingate', command: [process.execPath, main], port: hookPort },
    readiness: { path: '/readyz', port: hookPort, periodMs: 200 },
    lookoutToken: 'projected',
    env: ({ loopbackPort }: Place) => ({
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      LOOKOUT_URL: lookoutUrl,
      ...{ SETTLE_SECONDS: '2', RESERVE_SECONDS: '3' },
      ...env,
    }),
  }
}
