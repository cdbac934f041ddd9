import type { KubernetesApi } from '../cluster/api/kubernetes-api.ts'
import type { PodName } from '../cluster/api/place.ts'
import { type Request, ruleOf } from '../cluster/api/request.ts'
import type { Inspection } from '../cluster/cluster.ts'
import { at } from '../cluster/json.ts'
import type { Binding } from '../cluster/objects/bindings.ts'
import type { Warning } from '../cluster/wiring/warning.ts'
import { type Expected, warningsOf } from '../cluster/wiring/warnings.ts'
import { fail, ok, type Row, warn } from './row.ts'

/** The rules that the pod's Role should have; what is lost without each. */
const rules: readonly [rule: Omit<Request, 'version' | 'namespace'>, loss: string][] = [
  [
    { verb: 'get', group: '', resource: 'pods' },
    'deletion, deadline and target groups are not known',
  ],
  [
    { verb: 'list', group: '', resource: 'services' },
    'any binding of the namespace may be about the pod',
  ],
  [
    { verb: 'list', group: 'elbv2.k8s.aws', resource: 'targetgroupbindings' },
    'only bindings that a readiness gate names are found',
  ],
  [
    { verb: 'get', group: 'elbv2.k8s.aws', resource: 'targetgroupbindings' },
    'bindings that may not be listed are not found',
  ],
  [
    { verb: 'list', group: 'eks.amazonaws.com', resource: 'targetgroupbindings' },
    'only bindings that a readiness gate names are found',
  ],
  [
    { verb: 'get', group: 'eks.amazonaws.com', resource: 'targetgroupbindings' },
    'bindings that may not be listed are not found',
  ],
  [{ verb: 'create', group: '', resource: 'events' }, 'kubectl describe pod does not show drains'],
]

/** Whose permissions: our own, or those of a pod's service account. */
export type Subject =
  | { readonly kind: 'self' }
  | { readonly kind: 'account'; readonly namespace: string; readonly account: string }

/** A row for each rule of the Role. */
export function ruleRows(
  api: KubernetesApi,
  { namespace }: PodName,
  subject: Subject,
  signal: AbortSignal,
): Promise<Row[]> {
  const rows = rules.map(async ([rule, loss]): Promise<Row> => {
    const check = `may ${rule.verb} ${rule.resource}${rule.group ? ` (${rule.group})` : ''}`
    const answer = await api.ask(reviewOf(rule, namespace, subject), signal)
    if (answer.kind !== 'answer') return warn(check, answer.said)
    if (at(answer.body, 'status', 'allowed') === true) return ok(check, 'allowed')
    const fix = `add ${ruleOf({ ...rule, version: '', namespace })} to the Role of its service account`
    return warn(check, `not allowed: ${loss}`, fix)
  })
  return Promise.all(rows)
}

/** Asks whether somebody may do something (Kubernetes, Authorization: checking API access). */
function reviewOf(
  { verb, group, resource }: Omit<Request, 'version' | 'namespace'>,
  namespace: string,
  subject: Subject,
): Request {
  const resourceAttributes = { namespace, verb, group, resource }
  const who = subject.kind === 'account' ? serviceAccount(subject.namespace, subject.account) : {}
  const kind = subject.kind === 'account' ? 'SubjectAccessReview' : 'SelfSubjectAccessReview'
  return {
    ...{ verb: 'create', group: 'authorization.k8s.io', version: 'v1', namespace: '' },
    resource: `${kind.toLowerCase()}s`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind, spec: { resourceAttributes, ...who } },
  }
}

/** The API server does not look up the groups of a user that is asked about: a Role may be bound to one. */
function serviceAccount(namespace: string, name: string) {
  const all = 'system:serviceaccounts'
  const groups = [all, `${all}:${namespace}`, 'system:authenticated']
  return { user: `system:serviceaccount:${namespace}:${name}`, groups }
}

/** What the cluster shows of the pod and how it is wired. */
export function podRows({ pod, discovery }: Inspection, expected: Expected): Row[] {
  const { bindings, missing, narrowed } = discovery
  const isSet = expected.groups.length > 0
  const grace = `grace period ${pod.gracePeriodMs / 1_000} s`
  // How long the grace period has to be is told by the rows of the groups, which know what AWS says.
  const warnings = warningsOf(pod, discovery, expected).filter(
    ({ about }) => about !== 'grace-period',
  )
  return [
    ok('pod', `${pod.namespace}/${pod.name}, ${pod.ips.join(', ') || 'no address yet'}, ${grace}`),
    // While something is missing, hooks fall back for it, unless the groups are set.
    ...missing.map(({ said }) => (isSet ? warn : fail)('bindings', said)),
    ...narrowed.map(({ said }) => warn('bindings', said)),
    ...(bindings.length > 0 || missing.length === 0
      ? [bindingsRow(bindings, isSet ? 'set' : 'searched')]
      : []),
    ...warnings.map(rowOf),
    ...(warnings.some(({ about }) => aboutHooks.includes(about))
      ? []
      : [ok('hook', 'a preStop hook calls draingate')]),
  ]
}

const aboutHooks: readonly Warning['about'][] = ['hook', 'host-network', 'doubtful-hook']

function bindingsRow(bindings: readonly Binding[], groups: 'set' | 'searched'): Row {
  if (bindings.length > 0) {
    const names = bindings.map(({ name, service }) => `${name} (Service ${service})`)
    return ok('bindings', names.join(', '))
  }
  const said = 'no TargetGroupBinding is about this pod'
  return groups === 'set'
    ? ok('bindings', `${said}: its target groups are set`)
    : warn('bindings', said, "does the binding's Service select it? Or set TARGET_GROUP_ARNS")
}

/** What breaks every drain fails; what only costs something warns. */
function rowOf({ about, said, fix }: Warning): Row {
  const breaks = about === 'hook' || about === 'host-network'
  return (breaks ? fail : warn)(about, said, fix)
}
