import type { Test } from 'tap'
import type { TargetRef } from '../../lab/elbv2/health.ts'
import { events, pods } from '../../lab/kubernetes/resources.ts'
import type { Report } from '../../src/drain/account/report.ts'
import { clock } from '../../src/time/clock.ts'
import { type Scene, stage } from '../doctor/stage.ts'
import { startSidecar } from '../support/sidecar.ts'

export const pod: TargetRef = { id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }
const quick = { SETTLE_SECONDS: '1', RESERVE_SECONDS: '2' }
export const group = { deregistrationDelayMs: 1_500 }

/** The real program in a pod that the API server knows, told of no target group. */
export async function scene(t: Test, given: Scene = {}, env: Record<string, string> = {}) {
  const made = await stage(t, { group, ...given })
  const { store, inPod } = made
  const start = (more: Record<string, string> = {}) =>
    startSidecar(t, { ...inPod, ...quick, ...env, ...more })
  return {
    ...{ ...made, start },
    /** Deletes the pod as a person does, and calls the hook as the kubelet then does. */
    async leave({ url }: { url: string }) {
      store.delete(pods, 'shop', 'web-1')
      return (await (await fetch(`${url}/prestop`)).json()) as Report
    },
    told: () => store.list(events, 'shop').map(({ reason }) => reason),
  }
}

/** Waits until it has said something. */
export async function said({ log }: { log: () => string }, text: string): Promise<void> {
  for (let tries = 0; !log().includes(text); tries++) {
    if (tries > 600) throw new Error(`never said: ${text}`)
    await clock.sleepUntil(clock.now() + 50, new AbortController().signal)
  }
}
