import t from 'tap'
import { leastRules, type Rule } from '../../lab/kubernetes/access.ts'
import { pods } from '../../lab/kubernetes/resources.ts'
import { aside } from '../support/aside.ts'
import { podObject } from '../support/scripted-cluster.ts'
import { app, sidecar, stage } from './stage.ts'

t.jobs = 2

const listPods: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/web' }]
const token = { name: 'draingate', mountPath: '/var/run/secrets/draingate' }
const asking = {
  ...sidecar,
  env: [{ name: 'LOOKOUT_URL', value: 'http://draingate-lookout.draingate.svc:8089' }],
}

/** A pod of a Deployment; `injected`: its sidecar asks the lookout. */
function podOf(workload: string, name: string, spec: object) {
  const labels = { app: 'web', 'pod-template-hash': '5d8f6' }
  const usual = { terminationGracePeriodSeconds: 60, readinessGates: gates, containers: [app] }
  return podObject(
    { serviceAccountName: 'web', nodeName: 'node-1', ...usual, ...spec },
    { name: `${workload}-5d8f6-${name}`, uid: `u-${workload}-${name}`, labels },
  )
}

t.test(
  'a row for each workload that has a sidecar, with what is wrong with it',
  aside(),
  async (t) => {
    const { put, access, doctor } = await stage(t)
    access.grantEverywhere('shop', 'web', [...leastRules, listPods])
    const mounted = { ...asking, volumeMounts: [token] }
    put(pods, podOf('good', 'aaaaa', { initContainers: [mounted] }))
    put(pods, podOf('good', 'bbbbb', { initContainers: [mounted] }))
    put(
      pods,
      podOf('hurried', 'aaaaa', { initContainers: [mounted], terminationGracePeriodSeconds: 30 }),
    )
    put(pods, podOf('tokenless', 'aaaaa', { initContainers: [{ ...asking, volumeMounts: [] }] }))
    put(pods, podOf('stranger', 'aaaaa', {}))
    const { code, rows } = await doctor({}, ['--all'])
    t.match(rows, [
      { check: 'identity', state: 'ok' },
      { check: 'shop/good (2)', state: 'ok', said: 'nothing is wrong' },
      {
        ...{
          check: 'shop/hurried (1)',
          state: 'fail',
          said: /grace period of \d+ s, the pod has 30 s/,
        },
        fix: /^set terminationGracePeriodSeconds to \d+/,
      },
      { check: 'shop/tokenless (1)', state: 'fail', said: /^no token for the lookout is mounted/ },
      // The pod of the stage itself, which looks with its own eyes.
      { check: 'shop/web (1)' },
    ])
    t.equal(rows.length, 5)
    t.equal(code, 1)
  },
)

t.test('who may not list pods is told what to do', aside(), async (t) => {
  const { doctor } = await stage(t)
  const { code, rows } = await doctor({}, ['--all'])
  t.match(rows, [{ check: 'pods', state: 'fail', said: /forbidden/, fix: /lookout\.listPods/ }])
  t.equal(code, 1)
})
