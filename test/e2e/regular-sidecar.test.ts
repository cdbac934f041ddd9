import t from 'tap'
import { startLab } from './lab-scene.ts'

t.test(
  'a regular sidecar gets SIGTERM with the hook, and answers the hook all the same',
  async (t) => {
    const { cluster, spec } = await startLab(t)
    const { containers, nativeSidecars = [], ...rest } = spec
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
