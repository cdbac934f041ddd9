import type { AwsBalancer } from '../aws/balancer.ts'
import { neededGraceMs } from '../drain/judgement/grace.ts'
import type { ReleaseWhen } from '../drain/judgement/limits.ts'
import type { Balancer, Failure, Seen } from '../drain/ports.ts'
import { type GroupFacts, settleOf } from '../drain/target.ts'
import type { Subject } from './cluster-rows.ts'
import { fail, ok, type Row, warn } from './row.ts'

/** What a hook waits for, and how long it may. Milliseconds. */
export interface Waiting {
  readonly releaseWhen: ReleaseWhen
  readonly settleMs?: number
  readonly reserveMs: number
  readonly graceMs: number
}

/** With whose credentials: the pod's, or those of whoever looks at it from outside. */
export async function identityRow(
  balancer: Pick<AwsBalancer, 'identity'>,
  eyes: Subject['kind'],
  signal: AbortSignal,
): Promise<Row> {
  const identity = await balancer.identity(signal)
  if (typeof identity !== 'string') return fail('identity', identity.said)
  const mind = "here: what the pod's own role may do is not known"
  return ok('identity', eyes === 'self' ? identity : `${identity}, ${mind}`)
}

/**
 * What AWS says of a group and of this pod in it.
 *
 * @param known What its TargetGroupBinding says of it.
 */
export async function groupRows(
  balancer: Balancer,
  group: string,
  known: GroupFacts,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Row[]> {
  const name = group.split('/')[1] ?? group
  const [look, described] = await Promise.all([
    balancer.look(group, signal),
    balancer.describe(group, ['delay', 'kind'], signal),
  ])
  const { missing } = described
  const targetType = look.kind === 'seen' ? look.targetType : undefined
  const facts = { ...known, ...(targetType ? { targetType } : {}), ...described.facts }
  return [
    look.kind === 'seen' ? ok('DescribeTargetHealth', `allowed on ${name}`) : failureRow(look),
    ...missing.map(({ said }) => warn('description', said)),
    ...(missing.length === 0 ? [ok('description', `${name}: ${describeFacts(facts)}`)] : []),
    ...settleRows(facts, waiting, name),
    ...(look.kind === 'seen' ? targetRows(look, facts, name) : []),
    ...waitingRows(facts, waiting, name),
  ]
}

function failureRow({ said }: Failure): Row {
  return fail('DescribeTargetHealth', said)
}

function describeFacts({
  deregistrationDelayMs = 0,
  loadBalancer,
  targetType,
}: GroupFacts): string {
  const targets = targetType ? `targets by ${targetType}` : 'targets that are no pods'
  return `${loadBalancer} load balancer, ${targets}, deregistration delay ${deregistrationDelayMs / 1_000} s`
}

function targetRows({ sightings }: Seen, { targetType }: GroupFacts, name: string): Row[] {
  if (targetType === 'instance') {
    return [
      warn('target', `the targets of ${name} are nodes: hooks are held for the settle time only`),
    ]
  }
  if (sightings.length === 0) {
    return [
      warn('target', `this pod is not in ${name}`, 'is it ready, and does the Service select it?'),
    ]
  }
  return sightings.map(({ target, state, reason }) => {
    const said = `${target.id} port ${target.port} of ${name} is ${state}${reason ? ` (${reason})` : ''}`
    return state === 'healthy' || state === 'initial' ? ok('target', said) : warn('target', said)
  })
}

/** Where the kind is not known: too short a time lets go of a pod that is still sent requests. */
const slowestMs = settleOf('network')

function settleRows({ loadBalancer }: GroupFacts, { settleMs }: Waiting, name: string): Row[] {
  if (loadBalancer || settleMs !== undefined) return []
  const said = `what kind of load balancer sends to ${name} is not known: it settles like the slowest, ${slowestMs / 1_000} s`
  const fix =
    'allow elasticloadbalancing:DescribeTargetGroups, or set SETTLE_SECONDS=20 if it is an ALB'
  return [warn('settle time', said, fix)]
}

/** Whether the grace period has room for what a hook waits for. */
function waitingRows(facts: GroupFacts, waiting: Waiting, name: string): Row[] {
  const { releaseWhen, reserveMs, graceMs } = waiting
  const { loadBalancer, targetType } = facts
  const settleMs = waiting.settleMs ?? (loadBalancer ? settleOf(loadBalancer) : slowestMs)
  // Of nodes nothing is waited for but the settle time, from the hook on.
  const delays = releaseWhen === 'deregistered' && targetType !== 'instance'
  const delayMs = delays ? facts.deregistrationDelayMs : 0
  const neededMs = neededGraceMs({ delayMs: delayMs ?? 0, settleMs, reserveMs, targetType })
  const [needed, grace] = [neededMs, graceMs].map((ms) => Math.ceil(ms / 1_000))
  const least = delayMs === undefined ? ' at least' : ''
  const said = `RELEASE_WHEN=${releaseWhen} on ${name} needs a grace period of ${needed} s${least}, the pod has ${grace} s`
  if (graceMs < neededMs) {
    const other = (delayMs ?? 0) > settleMs ? ', or lower the delay, or set RELEASE_WHEN=idle' : ''
    return [
      fail('grace period', said, `set terminationGracePeriodSeconds to ${needed}${least}${other}`),
    ]
  }
  if (delayMs !== undefined) return [ok('grace period', said)]
  return [
    warn(
      'grace period',
      `whether it has room for the deregistration delay of ${name} is not known`,
    ),
  ]
}
