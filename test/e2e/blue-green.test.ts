import t from 'tap'
import { services } from '../../lab/kubernetes/resources.ts'
import { startLoad, succeeded } from '../../lab/load/load.ts'
import { clock } from '../../src/time/clock.ts'
import { aside } from '../support/aside.ts'
import { pause, startLab } from './lab-scene.ts'

// Both are mostly waiting.
t.jobs = 2

interface Case {
  /** The label that tells the versions apart, and by which the Service selects. */
  readonly label: string
  /** From the deregistration to the last new request. */
  readonly propagationMs: number
  readonly delayMs: number
  readonly settleSeconds: number
}

const cases: Record<string, Case> = {
  // Argo Rollouts puts this label on pods and into the selectors of its active and preview Services.
  'an ALB, and the selector that Argo Rollouts moves': {
    ...{ label: 'rollouts-pod-template-hash' },
    ...{ propagationMs: 6_500, delayMs: 7_500, settleSeconds: 7 },
  },
  'an NLB, which sends requests when the target has long gone, and a selector moved by hand': {
    ...{ label: 'version' },
    ...{ propagationMs: 9_000, delayMs: 4_000, settleSeconds: 10 },
  },
}

for (const [name, { label, propagationMs, delayMs, settleSeconds }] of Object.entries(cases)) {
  t.test(`blue/green: ${name}`, aside(), async (t) => {
    const { cluster, kubernetes, spec, releases, log, said } = await startLab(t, {
      cluster: {
        propagationMs: () => propagationMs,
        group: { deregistrationDelayMs: delayMs },
        // With gates a pod's bindings are known by name, wherever the Service points.
        kubernetes: { namespace: 'shop', gates: 'none', wallMs: Date.now },
      },
      env: { SETTLE_SECONDS: `${settleSeconds}` },
      // Some are in flight whenever a pod leaves.
      responseMs: 700,
    })
    const { store } = kubernetes
    const select = (version: string) =>
      store.update(services, 'shop', 'web', (before) => ({
        ...before,
        spec: { ...before.spec, selector: { app: 'web', [label]: version } },
      }))
    const run = (version: string) =>
      Promise.all(
        [0, 1].map((n) =>
          kubernetes.run(`web-${version}-${n}`, { ...spec, labels: { [label]: version } }),
        ),
      )
    const healthy = () =>
      cluster.registry.describe(cluster.arn).filter(({ state }) => state === 'healthy').length

    select('blue')
    const [blue, green] = await Promise.all([run('blue'), run('green')])
    while (healthy() < 2) await pause(50)
    // What was not found by then is not remembered.
    for (const { name } of blue) await said(name, '"bindings":[{"name":"web"')
    const load = startLoad({ url: cluster.url, perSecond: 30, durationMs: 60_000 }, clock)
    while (!green.every(kubernetes.available)) await pause(50)
    select('green')
    await pause(500)
    await Promise.all(blue.map((pod) => pod.delete()))
    const living = new Set(green.map(({ ip }) => ip))
    while (cluster.registry.inRotation(cluster.arn).some(({ id }) => !living.has(id)))
      await pause(50)
    const samples = await load.close()

    // On a starved machine the lab itself may fail some; what counts is whether a leaving pod did.
    const count = samples.filter((sample) => !succeeded(sample)).length
    t.comment(`${count} of ${samples.length} requests failed`)
    t.ok(samples.length > 200, `${samples.length} requests`)
    const old = blue.map(({ ip }) => ip)
    const failed = cluster.failures.filter(({ podIp = '' }) => old.includes(podIp))
    t.strictSame(failed, [], 'no request failed on a pod that left')
    const left = { states: [], requests: 'none' }
    const how = releases.map(({ pod: _pod, ...rest }) => rest)
    t.strictSame(how, [left, left], 'nobody was released who was still sent requests')
    for (const { name } of blue) {
      t.match(log(name), /"phase":"(draining|gone)"|not in the target group/)
      t.match(log(name), /"outcome":"(de|un)registered"/)
      if (!t.passing()) t.comment(log(name))
    }
  })
}
