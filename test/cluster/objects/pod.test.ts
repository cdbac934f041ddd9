import t from 'tap'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import { podObject } from '../../support/scripted-cluster.ts'

const read = (...conditions: object[]) => {
  const pod = readPod(podObject({}, {}, { conditions }))
  return { disrupted: pod?.disrupted, ready: pod?.ready }
}

const disruption = (reason: string, status = 'True') => ({
  ...{ type: 'DisruptionTarget', status, reason },
})

t.test('whether the kubelet ends it, of its own accord', async (t) => {
  t.match(read(disruption('TerminationByKubelet')), { disrupted: 'by-kubelet' })
  t.match(read(disruption('TerminationByKubelet', 'False')), { disrupted: 'no' })
  t.match(read(disruption('EvictionByEvictionAPI')), { disrupted: 'no' }, 'which deletes it')
  t.match(read({ type: 'Other', status: 'True', reason: 'TerminationByKubelet' }), {
    disrupted: 'no',
  })
  t.match(read(), { disrupted: 'no' })
})

t.test('whether it is ready', async (t) => {
  t.match(read({ type: 'Ready', status: 'True' }), { ready: true })
  t.match(read({ type: 'Ready', status: 'False' }), { ready: false })
  t.match(read({ type: 'Ready', status: 'Unknown' }), { ready: false })
  t.match(read({ type: 'ContainersReady', status: 'True' }), { ready: false })
  t.match(read(), { ready: false })
})

t.test('conditions that are none', async (t) => {
  const pod = readPod(podObject({}, {}, { conditions: 'all is well' }))
  t.match(pod, { disrupted: 'no', ready: false })
  t.match(read({}, { type: 'Ready', status: true }), { ready: false })
})
