import { join } from 'node:path'
import type { Aws } from '../elbv2/aws.ts'
import type { Place, PodSpec } from '../kubelet/spec.ts'

/** How the pods of one rolling update leave the load balancer. */
export type Exit =
  | { readonly kind: 'none' }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'draingate' }

/** One of the demo's rolling updates. */
export interface Scenario {
  readonly name: string
  readonly exit: Exit
}

/**
 * The lab's load balancer, three times as fast as AWS's: 1 s here stands for 3 s there. What users
 * measured on an ALB, new requests for 5 to 20 s after deregistration, is 1.7 to 6.7 s.
 */
export const world = {
  timesFaster: 3,
  replicas: 3,
  requestsPerSecond: 60,
  propagationMs: [1_700, 6_700],
  /** The controller is mostly quick, and sometimes throttled. */
  lagMs: [300, 1_500],
  slowLagMs: [1_500, 5_300],
  slowShare: 0.25,
  deregistrationDelayMs: 7_000,
  settleSeconds: 7,
  gracePeriodSeconds: 40,
  reserveSeconds: 2,
} as const

const shortSleepMs = 5_000
/** What it takes at the worst and half as much again, for nobody knows the worst. */
const safeSleepMs = 1.5 * (world.slowLagMs[1] + world.propagationMs[1])

export const scenarios: readonly Scenario[] = [
  { name: 'no hook', exit: { kind: 'none' } },
  sleep(shortSleepMs),
  sleep(safeSleepMs),
  { name: 'draingate', exit: { kind: 'draingate' } },
]

function sleep(ms: number): Scenario {
  return { name: `sleep ${ms / 1_000} s`, exit: { kind: 'sleep', ms } }
}

const root = join(import.meta.dirname, '../..')
const appPort = 8080
const hookPort = 8089

/** A pod of the small web app, with what its scenario puts beside it. */
export function podOf({ exit }: Scenario, aws: Aws, arn: string): PodSpec {
  const app = {
    name: 'app',
    command: [process.execPath, join(root, 'lab/app/server.ts')] as [string, string],
    port: appPort,
    env: () => ({ RESPONSE_MS: '20' }),
    readiness: { path: '/', port: appPort, periodMs: 200 },
  }
  const gracePeriodMs = world.gracePeriodSeconds * 1_000
  switch (exit.kind) {
    case 'none':
      return { gracePeriodMs, containers: [app] }
    case 'sleep':
      return { gracePeriodMs, containers: [{ ...app, preStop: { sleepMs: exit.ms } }] }
    case 'draingate': {
      const preStop = { httpGet: { port: hookPort, path: '/prestop' } }
      return {
        gracePeriodMs,
        containers: [{ ...app, preStop }],
        nativeSidecars: [sidecar(aws, arn)],
      }
    }
  }
}

function sidecar(aws: Aws, arn: string) {
  return {
    name: 'draingate',
    command: [process.execPath, join(root, 'dist/draingate.js')] as [string, string],
    port: hookPort,
    readiness: { path: '/readyz', port: hookPort, periodMs: 200 },
    env: ({ loopbackPort }: Place) => ({
      ...aws.environment,
      TARGET_GROUP_ARNS: arn,
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      GRACE_PERIOD_SECONDS: String(world.gracePeriodSeconds),
      RESERVE_SECONDS: String(world.reserveSeconds),
      SETTLE_SECONDS: String(world.settleSeconds),
    }),
  }
}
