import t from 'tap'
import { createCluster } from '../../lab/cluster.ts'
import { podOf } from '../../lab/demo/scenario.ts'
import { startAws } from '../../lab/elbv2/aws.ts'
import { clock } from '../../src/clock.ts'

t.test(
  'a regular sidecar gets SIGTERM with the hook, and answers the hook all the same',
  async (t) => {
    const cluster = await createCluster(
      {
        ...{ name: 'web', replicas: 1, port: 8080 },
        lagMs: () => 500,
        propagationMs: () => 1_000,
        group: { deregistrationDelayMs: 2_000 },
        healthCheck: { intervalMs: 200, healthyThreshold: 1 },
      },
      clock,
    )
    t.teardown(() => cluster.close())
    const aws = await startAws({ registry: cluster.registry, now: clock.now })
    t.teardown(() => aws.close())
    const native = podOf({ name: 'draingate', exit: { kind: 'draingate' } }, aws, cluster.arn)
    const { containers, nativeSidecars = [], ...rest } = native
    await cluster.deploy({ ...rest, containers: [...containers, ...nativeSidecars] })
    const [pod] = cluster.kubelet.pods()
    await pod?.delete()

    const when = (kind: string, container: string) => {
      const event = cluster.events.find((e) => e.kind === kind && e.container === container)
      return event?.atMs ?? Number.NaN
    }
    t.ok(when('sigterm', 'draingate') < when('hook-ended', 'app'), 'SIGTERM while the hook is held')
    t.ok(when('hook-ended', 'app') - when('hook-started', 'app') > 2_500, 'lag and delay')
    t.ok(when('sigterm', 'app') >= when('hook-ended', 'app'))
    const exited = cluster.events.find((e) => e.kind === 'exited' && e.container === 'draingate')
    t.match(exited, { detail: 'code 0' })
    t.ok((exited?.atMs ?? 0) >= when('hook-ended', 'app'), 'it outlives the hook')
    t.equal(
      cluster.events.filter((e) => e.kind === 'hook-failed' || e.kind === 'sigkill').length,
      0,
    )
  },
)
