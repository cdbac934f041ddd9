import t from 'tap'
import { startLookoutLab } from './lookout-scene.ts'
import { old, update } from './update.ts'

t.test('a rolling update of pods that have nothing but a token for the lookouts', async (t) => {
  const scene = await startLookoutLab(t, { cluster: { replicas: 2 }, responseMs: 100 })
  const { aws, kubernetes, releases, lookouts } = scene
  const { outcome, log } = await update(t, scene)
  t.equal(outcome, 'deregistered')
  t.notMatch(log, /"failure"|lookout/, 'there was nothing to complain of')
  t.strictSame(
    releases.map(({ states }) => states),
    [[], []],
    'each was let go when its target was gone',
  )
  const told = kubernetes.told(old)
  t.strictSame(
    told.map(({ reason }) => reason),
    ['DrainStarted', 'Drained'],
  )
  t.match(kubernetes.lastWords(old, 'draingate'), /^deregistered after/)

  const metrics = await Promise.all(
    lookouts.all.map(async (one) => (await fetch(`${one.ownUrl()}/metrics`)).text()),
  )
  const asked = metrics.filter((text) => /questions_total\{question="look"\} [1-9]/.test(text))
  t.equal(asked.length, 1, 'all pods of a group meet at one lookout')
  const described = aws.calls.count({ action: 'DescribeTargetGroupAttributes' })
  t.equal(described, 2, 'by each lookout once, before it was ready')
})
