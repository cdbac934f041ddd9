import t from 'tap'
import type { Pod } from '../../../lab/kubelet/pod.ts'
import { createDeployment } from '../../../lab/rollout/deployment.ts'
import { createHandSetClock } from '../hand-set-clock.ts'

const spec = { containers: [] }

function setUp(replicas: number, deadlineMs?: number) {
  const clock = createHandSetClock()
  const pods = new Map<string, { pod: Pod; end(): void }>()
  const available = new Set<string>()
  const deleted: string[] = []

  function run(name: string): Promise<Pod> {
    const ended = Promise.withResolvers<void>()
    const pod: Pod = {
      ...{ name, ip: '', ready: () => true, deletion: () => undefined, ended: ended.promise },
      restart: () => Promise.resolve(),
      containers: () => [],
      delete() {
        deleted.push(name)
        return ended.promise
      },
    }
    pods.set(name, { pod, end: ended.resolve })
    return Promise.resolve(pod)
  }

  const deployment = createDeployment(
    { name: 'web', replicas, deadlineMs },
    { run, available: (pod) => available.has(pod.name), clock },
  )
  const names = () => deployment.pods().map(({ name }) => name)
  return { clock, pods, available, deleted, deployment, names }
}

t.test('pods are replaced one by one, each once its follower is available', async (t) => {
  const { clock, pods, available, deleted, deployment, names } = setUp(2)
  const first = deployment.roll(spec)
  await clock.advance(100)
  t.strictSame(names(), ['web-1-0', 'web-1-1'], 'all at once the first time')
  available.add('web-1-0').add('web-1-1')
  await clock.advance(100)
  await (await first).gone

  const second = deployment.roll(spec)
  await clock.advance(100)
  t.strictSame(names(), ['web-1-0', 'web-1-1', 'web-2-0'])
  t.strictSame(deleted, [])
  available.add('web-2-0')
  await clock.advance(100)
  t.strictSame(deleted, ['web-1-0'])
  t.strictSame(names(), ['web-1-1', 'web-2-0', 'web-2-1'], 'terminating pods are not waited for')
  available.add('web-2-1')
  await clock.advance(100)
  const { startedMs, rolledMs, gone } = await second
  t.strictSame(deleted, ['web-1-0', 'web-1-1'])
  t.ok(rolledMs - startedMs >= 200)

  pods.get('web-1-1')?.end()
  await clock.advance(1000)
  pods.get('web-1-0')?.end()
  t.ok((await gone) >= rolledMs + 1000, 'the last old pod counts')
})

t.test('an old pod that is not available is the first to go', async (t) => {
  const { clock, available, deleted, deployment } = setUp(2)
  const first = deployment.roll(spec)
  available.add('web-1-0').add('web-1-1')
  await clock.advance(100)
  await first
  available.delete('web-1-1')
  const second = deployment.roll(spec)
  await clock.advance(100)
  t.strictSame(deleted, ['web-1-1'])
  deployment.close()
  await t.rejects(second, /was closed/)
})

t.test('a rollout that does not get on fails', async (t) => {
  const { clock, deployment } = setUp(2, 5000)
  const rolling = deployment.roll(spec)
  await t.rejects(deployment.roll(spec), /being rolled out already/)
  const failed = t.rejects(rolling, /web: 0 of 2 new pods available in 5000 ms/)
  await clock.advance(5100)
  await failed
})
