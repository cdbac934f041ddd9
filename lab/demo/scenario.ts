import { join } from 'node:path'
import { neededGraceMs } from '../../src/drain/judgement/grace.ts'
import { settleOf } from '../../src/drain/target.ts'
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

/** The lab's load balancer, as slow as AWS's. */
export const world = {
  replicas: 3,
  requestsPerSecond: 30,
  /** What users measured on an ALB: new requests, after deregistration. */
  propagationMs: [5_000, 20_000],
  /** The controller is mostly quick, and sometimes throttled. */
  lagMs: [1_000, 4_500],
  slowLagMs: [4_500, 16_000],
  slowShare: 0.25,
  deregistrationDelayMs: 20_000,
} as const

/** What the app takes to shut down, with room to spare. */
const reserveMs = 5_000
const graceMs = neededGraceMs({
  delayMs: world.deregistrationDelayMs,
  settleMs: settleOf('application'),
  reserveMs,
})

const shortSleepMs = 15_000
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
export function podOf({ exit }: Scenario, aws: Aws): PodSpec {
  const app = {
    name: 'app',
    command: [process.execPath, join(root, 'lab/app/server.ts')] as [string, string],
    port: appPort,
    env: () => ({ RESPONSE_MS: '20' }),
    readiness: { path: '/', port: appPort, periodMs: 200 },
  }
  switch (exit.kind) {
    case 'none':
      return { gracePeriodMs: reserveMs, containers: [app] }
    case 'sleep': {
      const preStop = { sleepMs: exit.ms }
      return { gracePeriodMs: exit.ms + reserveMs, containers: [{ ...app, preStop }] }
    }
    case 'draingate': {
      const preStop = { httpGet: { port: hookPort, path: '/prestop' } }
      return {
        gracePeriodMs: graceMs,
        containers: [{ ...app, preStop }],
        nativeSidecars: [sidecar(aws)],
      }
    }
  }
}

/** It finds its target group by itself. */
function sidecar(aws: Aws) {
  return {
    name: 'draingate',
    command: [process.execPath, join(root, 'dist/draingate.js')] as [string, string],
    port: hookPort,
    readiness: { path: '/readyz', port: hookPort, periodMs: 200 },
    env: ({ loopbackPort }: Place) => ({
      ...aws.environment,
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      RESERVE_SECONDS: String(reserveMs / 1_000),
    }),
  }
}
