import type { Test } from 'tap'
import { startLoad, succeeded } from '../../../lab/load/load.ts'
import { clock } from '../../../src/time/clock.ts'
import { pause } from '../lab-scene.ts'
import type { LookoutScene } from './lookout-scene.ts'

/** The pod of the first revision. */
export const old = 'web-1-0'

/** What became of the old pod. */
export interface Left {
  readonly outcome: string
  readonly because: string
  readonly heldSeconds: number
  readonly log: string
}

/**
 * A rolling update under load, with what happens meanwhile. Whatever that is: no request fails on a pod that leaves, none
 * is let go while it is sent requests, and none outlives its grace period.
 */
export async function update(
  t: Test,
  { cluster, spec, log, lookoutLog, releases }: LookoutScene,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<Left> {
  if (cluster.kubelet.pods().length === 0) await cluster.deploy(spec)
  const leaving = cluster.kubelet.pods().map(({ ip }) => ip)
  const load = startLoad({ url: cluster.url, perSecond: 20, durationMs: 110_000 }, clock)
  const [rolled] = await Promise.all([cluster.deploy(spec), meanwhile()])
  await rolled.gone
  const living = new Set(cluster.kubelet.pods().map(({ ip }) => ip))
  while (cluster.registry.inRotation(cluster.arn).some(({ id }) => !living.has(id))) await pause(50)
  const samples = await load.close()

  // On a starved machine the lab itself may fail some; what counts is whether a leaving pod did.
  const failed = samples.filter((sample) => !succeeded(sample)).length
  t.comment(`${failed} of ${samples.length} requests failed`)
  const theirs = cluster.failures.filter(({ podIp = '' }) => leaving.includes(podIp))
  t.strictSame(theirs, [], 'no request failed on a pod that left')
  const requests = releases.map((release) => release.requests)
  t.strictSame(new Set(requests), new Set(['none']), 'nobody was released who was sent requests')
  const bad = cluster.events.filter(({ kind }) => kind === 'hook-failed' || kind === 'sigkill')
  t.strictSame(bad, [], 'nobody outlived the grace period')
  t.teardown(() => {
    if (!t.passing()) t.comment(`${log(old)}\n${lookoutLog()}`)
  })
  return leftOf(log(old))
}

function leftOf(log: string): Left {
  const closing = log.split('\n').find((line) => line.includes('"state":"released"'))
  const { outcome = 'none', because = '', heldSeconds = 0 } = JSON.parse(closing ?? '{}')
  return { outcome, because, heldSeconds, log }
}
