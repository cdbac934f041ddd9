import fc from 'fast-check'
import t from 'tap'
import { createDiscovery } from '../../../src/cluster/finding/discovery.ts'
import type { Discovery } from '../../../src/cluster/finding/source.ts'
import type { Binding } from '../../../src/cluster/objects/bindings.ts'
import { type PodObject, readPod } from '../../../src/cluster/objects/pod.ts'
import {
  arnOfGroup,
  autoModePath,
  binding,
  bindingsPath,
  controllerPath,
  groupList,
  groupsPath,
  nobodys,
  podObject,
  refused,
  type Script,
  scriptedCluster,
  service,
  servicesPath,
  sourceOf,
} from '../../support/scripted-cluster.ts'

const never = new AbortController().signal
const hash = 'rollouts-pod-template-hash'
const lists = {
  'elbv2.k8s.aws': bindingsPath(controllerPath, 'v1beta1'),
  'eks.amazonaws.com': bindingsPath(autoModePath, 'v1'),
} as const

const anyApp = fc.constantFrom('web', 'db', undefined)
const anyHash = fc.constantFrom('blue', 'green', undefined)
const anyLabels = fc.record({ app: anyApp, [hash]: anyHash })
const anyName = fc.constantFrom('a', 'b', 'c')

/** Of each Service its selector; some of them are not there. */
const anyServices = fc.record({ a: anyLabels, b: anyLabels, c: anyLabels }, { requiredKeys: [] })

const anyBinding = fc.record({
  apiGroup: fc.constantFrom('elbv2.k8s.aws', 'eks.amazonaws.com'),
  name: anyName,
  service: anyName,
  group: fc.constantFrom('one', 'two'),
  told: fc.constantFrom('arn', 'name'),
  targetType: fc.constantFrom('ip', 'ip', 'instance'),
})

const anyBindings = fc.uniqueArray(anyBinding, {
  maxLength: 6,
  selector: ({ apiGroup, name }) => `${apiGroup} ${name}`,
})

const refusals = [
  refused('denied', 403),
  refused('unreachable', 500),
  refused('throttled', 429),
  nobodys,
]
/** Mostly it is answered. */
const anyFault = fc.option(fc.constantFrom(...refusals), { freq: 3, nil: undefined })

/** A cluster as it is at one time, and which of its answers come. */
const anyState = fc.record({
  labels: anyLabels,
  gates: fc.subarray(['a', 'b', 'c']),
  services: anyServices,
  bindings: anyBindings,
  faults: fc.record({
    pod: anyFault,
    services: anyFault,
    groups: anyFault,
    'elbv2.k8s.aws': anyFault,
    'eks.amazonaws.com': anyFault,
  }),
})

type State = typeof anyState extends fc.Arbitrary<infer S> ? S : never

function podOf({ labels, gates }: State): PodObject {
  const readinessGates = gates.map((name) => ({
    conditionType: `target-health.elbv2.k8s.aws/${name}`,
  }))
  const pod = readPod(podObject({ readinessGates }, { labels: clean(labels) }))
  if (!pod) throw new Error('no pod')
  return pod
}

function scriptOf({ services, bindings, faults }: State): Script {
  const served = groupList({ 'elbv2.k8s.aws': ['v1beta1'], 'eks.amazonaws.com': ['v1'] })
  const items = Object.entries(services).map(([name, selector]) => service(name, clean(selector)))
  const script: Record<string, object> = {
    [servicesPath]: faults.services ?? { items },
    [groupsPath]: faults.groups ?? served,
  }
  for (const apiGroup of ['elbv2.k8s.aws', 'eks.amazonaws.com'] as const) {
    const its = bindings
      .filter((one) => one.apiGroup === apiGroup)
      .map(({ name, service, group, told, targetType }) => {
        const arn = told === 'arn' ? arnOfGroup(group) : undefined
        const spec = { targetGroupARN: arn, targetGroupName: group, targetType }
        return binding(name, service, spec)
      })
    script[lists[apiGroup]] = faults[apiGroup] ?? { items: its }
    for (const one of its) script[`${lists[apiGroup]}/${one.metadata.name}`] = one
  }
  return script
}

function clean(labels: Readonly<Record<string, string | undefined>>): object {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined))
}

/** A binding of a group, however that is named. */
function keyOf({ apiGroup, name, arn, groupName }: Binding): string {
  return `${apiGroup} ${name} ${arn?.split('/')[1] ?? groupName}`
}

/** What is wrong with what was found, given all that was found before. */
function faultsOf(state: State, found: Discovery, known: ReadonlySet<string>): string[] {
  const [bindings, possible] = [found.bindings.map(keyOf), found.possible.map(keyOf)]
  const all = [...bindings, ...possible]
  const wrong = [...known].filter((key) => !bindings.includes(key)).map((key) => `lost: ${key}`)
  if (new Set(all).size < all.length) wrong.push(`twice: ${all}`)
  if (found.bindings.some(({ claim }) => claim === 'possible')) wrong.push('found, and possible')
  if (found.possible.some(({ claim }) => claim !== 'possible')) wrong.push('possible, and found')
  if (Object.values(state.faults).some((fault) => fault !== undefined)) return wrong
  // All was answered.
  if (found.missing.length > 0) wrong.push(`missing: ${found.missing.map(({ said }) => said)}`)
  for (const { apiGroup, name, service, group, targetType } of state.bindings) {
    const key = `${apiGroup} ${name} ${group}`
    if (targetType === 'ip' && !all.includes(key)) wrong.push(`not told of: ${key}`)
    const claim = found.bindings.find((one) => keyOf(one) === key)?.claim
    // A gate stays when the Service selects the pod no longer.
    const isBound = selectedBy(state, service)
    if (isBound !== (claim === 'bound')) wrong.push(`${key} is ${claim}`)
  }
  return wrong
}

function selectedBy({ labels, services }: State, name: 'a' | 'b' | 'c'): boolean {
  const wanted = Object.entries(clean(services[name] ?? {}))
  const has: Readonly<Record<string, string | undefined>> = labels
  return wanted.length > 0 && wanted.every(([key, value]) => has[key] === value)
}

t.test('whatever a cluster does: what was found stays, and nothing is told twice', async () => {
  const states = fc.array(anyState, { minLength: 2, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(states, async (history) => {
      const cluster = scriptedCluster({})
      const discover = createDiscovery(sourceOf(cluster))
      const known = new Set<string>()
      for (const state of history) {
        for (const path of Object.keys(cluster.script)) delete cluster.script[path]
        Object.assign(cluster.script, scriptOf(state))
        const found = await discover(state.faults.pod ?? podOf(state), never)
        const wrong = faultsOf(state, found, known)
        if (wrong.length > 0) throw new Error(wrong.join('\n'))
        for (const one of found.bindings) known.add(keyOf(one))
      }
    }),
    { numRuns: 1_000, seed: 20_261 },
  )
})
