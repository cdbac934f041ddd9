import t from 'tap'
import { pods } from '../../lab/kubernetes/resources.ts'
import type { Report } from '../../src/drain/account/report.ts'
import { aside } from '../support/aside.ts'
import { startSidecar } from '../support/sidecar.ts'
import { read } from '../telling/metrics/read.ts'
import { pause } from './lab-scene.ts'
import { pod, said, scene } from './pod-scene.ts'

// Each of these is mostly waiting.
t.jobs = 2

const hook = async (url: string) => (await (await fetch(`${url}/prestop`)).json()) as Report

t.test("a stray hook each second moves nobody's deadline", aside(), async (t) => {
  const { aws, arn } = await scene(t)
  const { url } = await startSidecar(t, {
    ...aws.environment,
    ...{ TARGET_GROUP_ARNS: arn, POD_IP: pod.id, SETTLE_SECONDS: '1' },
    ...{ GRACE_PERIOD_SECONDS: '8', RESERVE_SECONDS: '2' },
  })
  let isHeld = true
  const first = hook(url).finally(() => {
    isHeld = false
  })
  const strays: Promise<Report>[] = []
  while (isHeld && strays.length < 10) {
    await pause(1_000)
    strays.push(hook(url))
  }
  const held = [await first]
  const during = read(await (await fetch(`${url}/metrics`)).text())
  t.equal(during.get('draingate_drain_in_progress'), 1, 'the others are held all the same')
  t.ok((during.get('draingate_hooks_held') ?? 0) > 0)
  held.push(...(await Promise.all(strays)))
  for (const { outcome, heldSeconds = 0 } of held) {
    t.equal(outcome, 'deadline')
    t.ok(heldSeconds >= 6 && heldSeconds < 9, `each for its own 6 s: ${heldSeconds}`)
  }
})

t.test('two hooks of one pod, each with an end of its own', aside(), async (t) => {
  const { registry, store, arn, start, told } = await scene(t)
  const sidecar = await start({ RESTART_SECONDS: '8' })
  const first = hook(sidecar.url)
  await said(sidecar, 'target is healthy')
  await pause(2_000)
  const second = hook(sidecar.url)
  const { heldSeconds: firstSeconds = 0, ...report } = await first
  t.match(report, { outcome: 'not-terminating', hooks: 2 })
  t.strictSame(told(), [], 'nobody is told of a hook on a pod that stays')
  store.delete(pods, 'shop', 'web-1')
  registry.deregister(arn, [pod])
  const { heldSeconds = 0, outcome } = await second
  t.match(outcome, /^(de|un)registered$/)
  t.ok(heldSeconds >= 8 && firstSeconds >= 8, `${firstSeconds} s and ${heldSeconds} s`)
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.strictSame(told(), ['DrainStarted', 'Drained'])
})
