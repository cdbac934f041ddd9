import { between } from '../../lab/chance.ts'
import type { TargetHealth } from '../../lab/elbv2/health.ts'
import type { HookedPod, Wait } from './wait.ts'

/**
 * `aws elbv2 wait target-deregistered`: every 15 s, given up after 40 looks (AWS CLI reference). A look
 * that fails for good ends it with an error (botocore, waiter.py: an error that no acceptor names), and
 * the kubelet takes the failed hook for an answered one.
 */
export const awsWait: Wait = {
  name: 'aws elbv2 wait',
  until: 'deregistered',
  async hold(pod) {
    for (let looks = 1; ; looks += 1) {
      const found = await lookNamed(pod)
      if (found === 'throttled') return 'error'
      if (isUnused(found)) return 'deregistered'
      if (looks === 40) return 'gave up'
      await pod.clock.sleep(15_000)
    }
  },
}

/** @param maxWaitMs The caller's own `maxWaitTime`, for which there is no default. */
export function sdkWait(maxWaitMs: number): Wait {
  return {
    name: 'SDK waiter',
    until: 'deregistered',
    async hold(pod) {
      const { clock, chance } = pod
      const untilMs = clock.now() + maxWaitMs
      for (let looks = 1; ; looks += 1) {
        const found = await lookNamed(pod)
        if (found !== 'throttled' && isUnused(found)) return 'deregistered'
        const pauseMs = sdkPauseMs(looks, untilMs - clock.now(), chance)
        if (pauseMs === undefined) return 'gave up'
        await clock.sleep(pauseMs)
      }
    },
  }
}

/**
 * The SDK's pause after a number of looks (@smithy/core, util-waiter/poller: 15 s to 120 s with full
 * jitter above 15 s); undefined when the time is up.
 */
export function sdkPauseMs(
  looks: number,
  leftMs: number,
  chance: () => number,
): number | undefined {
  const [leastMs, mostMs] = [15_000, 120_000]
  const doublings = Math.log(mostMs / leastMs) / Math.log(2)
  if (looks > doublings + 1) return mostMs > leftMs ? undefined : mostMs
  const cappedMs = Math.min(leastMs * 2 ** (looks - 1), mostMs)
  const pauseMs = between(chance, [leastMs, cappedMs])
  return pauseMs > leftMs ? Math.max(0, leftMs - 500) : pauseMs
}

/** A loop in a shell script: looks for its own target, sleeps, and looks again whatever went wrong. */
export const everySecond: Wait = {
  name: '1 s poller',
  until: 'deregistered',
  async hold(pod) {
    for (;;) {
      const found = await lookNamed(pod)
      if (found !== 'throttled' && isUnused(found)) return 'deregistered'
      await pod.clock.sleep(1_000)
    }
  },
}

/**
 * Lists the whole group every 250 ms, until the pod is in it neither healthy nor on its way to be: as
 * BrianKopp/aws-load-balancer-drain-wait (main.go, WaitUntilIPDraining), without its limit of 60 s.
 */
export const listingEvery250Ms: Wait = {
  name: '250 ms listing, to draining',
  until: 'deregistered',
  async hold(pod) {
    for (;;) {
      const listed = await insist(() => pod.api.targetHealth(pod.group), pod)
      const isIn = (state: string) => state !== 'draining' && state !== 'unused'
      const mine = listed === 'throttled' ? [] : listed.filter(({ id }) => id === pod.target.id)
      if (listed !== 'throttled' && !mine.some(({ state }) => isIn(state))) return 'draining'
      await pod.clock.sleep(250)
    }
  },
}

/** A hook that looks at nothing. */
export function sleepFor(seconds: number): Wait {
  return {
    name: `sleep ${seconds}`,
    until: 'deregistered',
    async hold({ clock }) {
      await clock.sleep(seconds * 1_000)
      return 'slept'
    },
  }
}

const lookNamed = (pod: HookedPod) =>
  insist(() => pod.api.targetHealth(pod.group, [pod.target]), pod)

const isUnused = (found: readonly TargetHealth[]) =>
  found.length > 0 && found.every(({ state }) => state === 'unused')

/** The SDKs' and the CLI's own retries: `standard`, 3 attempts, full jitter from 1 s when throttled. */
async function insist<T>(look: () => Promise<T | 'throttled'>, { clock, chance }: HookedPod) {
  for (let attempts = 1; ; attempts += 1) {
    const found = await look()
    if (found !== 'throttled' || attempts === 3) return found
    await clock.sleep(Math.min(1_000 * 2 ** (attempts - 1), 20_000) * chance())
  }
}
