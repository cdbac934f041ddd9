import { createAccounts } from '../../src/lookout/looking/accounts.ts'
import { createGroups } from '../../src/lookout/looking/groups.ts'
import { createNamespaces } from '../../src/lookout/looking/namespaces.ts'
import { type Caller, createPods } from '../../src/lookout/looking/pods.ts'
import { createQuestions } from '../../src/lookout/server/questions.ts'
import { scriptedAws } from './scripted-aws.ts'
import { arnOfGroup, ordinary, scriptedCluster } from './scripted-cluster.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

export const caller: Caller = { namespace: 'shop', name: 'web-1', uid: 'u-1', node: 'node-1' }
export const web = arnOfGroup('web-a')
export const never = new AbortController().signal

/** A lookout without its server, on a script of a cluster and of AWS: the pod web-1 is healthy in its group. */
export function lookoutScene(
  allowed: readonly string[] = [],
  clock: VirtualClock = createVirtualClock(),
) {
  const api = scriptedCluster(ordinary())
  const aws = scriptedAws(clock)
  aws.targets[web] = { '10.0.1.7': 'healthy', '10.0.1.8': 'draining' }
  const accounts = createAccounts({ clock, callsPerSecond: 5, sharers: () => 1 })
  const groups = createGroups({ clock, accounts, awsAs: aws.awsAs })
  const namespaces = createNamespaces({ api, clock, allowed, roleOf: () => undefined })
  const wallClock = () => '2026-01-01T00:00:00.123Z'
  const pods = createPods({ api, clock, wallClock, groups, namespaces })
  const answer = createQuestions({ clock, groups, namespaces, pods })
  return { clock, api, aws, accounts, groups, namespaces, pods, answer }
}
