import type { Test } from 'tap'
import type { Lookout } from '../../../lab/lookout/lookout.ts'
import { createAddresses } from '../../../src/lookout/client/addresses.ts'
import { clock } from '../../../src/time/clock.ts'
import { pause } from '../../e2e/lab-scene.ts'
import {
  type LookoutOptions,
  type LookoutScene,
  startLookoutLab,
} from '../../e2e/lookout/lookout-scene.ts'
import { type Left, old, update } from '../../e2e/lookout/update.ts'

/** The times of every row, in milliseconds. */
export const times = {
  lagMs: 500,
  delayMs: 8_000,
  propagationMs: 1_200,
  /** Of rows that are to fall back; the others have more time than any of them takes. */
  fallbackMs: 6_000,
  /** From one answer of a lookout to another one. */
  answerMs: 700,
  /** What a busy machine takes. */
  slackMs: 9_000,
} as const

/** Two lookouts, and a pod that asks them. */
export interface LookoutStage extends LookoutScene {
  readonly t: Test
  /** The one that is asked first about the pod's group. */
  readonly first: Lookout
}

export async function stageFor(t: Test, options: LookoutOptions = {}): Promise<LookoutStage> {
  const { lagMs, delayMs, propagationMs } = times
  const scene = await startLookoutLab(t, {
    // Some requests are in flight whenever a pod leaves.
    responseMs: 100,
    ...options,
    cluster: {
      ...{ lagMs: () => lagMs, propagationMs: () => propagationMs },
      group: { deregistrationDelayMs: delayMs },
    },
  })
  const { cluster, lookouts, spec, said } = scene
  await cluster.deploy(spec)
  await said(old, 'this pod and its TargetGroupBindings')
  return { ...scene, t, first: await firstAskedAbout(cluster.arn, lookouts.all) }
}

/** As every sidecar computes it. */
async function firstAskedAbout(group: string, all: readonly Lookout[]): Promise<Lookout> {
  const urls = all.map(({ url }) => new URL(url))
  const [address] = await createAddresses({ urls, clock }).orderFor(group)
  const found = all.find(({ url }) => url === address?.url.origin)
  if (!found) throw new Error('no lookout is asked')
  return found
}

/** For rows that are to fall back. */
export const soon = { FALLBACK_SECONDS: String(times.fallbackMs / 1_000) }

/** When something goes wrong: before the pod is deleted, or once it has been seen to drain and its delay is known. */
export type When = 'before' | 'in the middle'

/** A rolling update in which something goes wrong. */
export async function leave(
  stage: LookoutStage,
  when: When,
  what: () => void | Promise<void>,
): Promise<Left> {
  if (when === 'before') {
    await what()
    return update(stage.t, stage)
  }
  return update(stage.t, stage, async () => {
    // On a busy machine the pod may have gone before it was looked at: what then goes wrong comes too late to matter.
    while (!/target is draining|"state":"released"/.test(stage.log(old))) await pause(50)
    // The delay was asked for at the same time.
    await pause(times.answerMs)
    await what()
  })
}

/** Released because the pod had left; and soon after that. */
export function wasFollowed({ t }: LookoutStage, left: Left, laterMs = 0): void {
  // `unregistered`: on a busy machine the first answer came only when the pod had gone.
  t.match(left, { outcome: /^(de|un)registered$/ })
  const latestMs = times.lagMs + times.delayMs + laterMs + times.slackMs
  t.ok(left.heldSeconds * 1_000 < latestMs, `held for ${left.heldSeconds} s, of ${latestMs} ms`)
}

/** Released because what is needed could not be learnt, not before the fallback time; and soon after it. */
export function fellBack({ t }: LookoutStage, left: Left, because: RegExp): void {
  t.match(left, { outcome: 'fallback', because })
  const heldMs = left.heldSeconds * 1_000
  t.ok(heldMs >= times.fallbackMs, `held for ${heldMs} ms`)
  t.ok(heldMs < times.fallbackMs + times.slackMs, `held for ${heldMs} ms`)
}
