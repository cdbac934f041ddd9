import { AwsError, invalidArn } from './error.ts'
import { type Group, type GroupOptions, newGroup } from './group.ts'
import type { TargetHealth, TargetRef } from './health.ts'
import { type RegistryDeps, type Targets, targetsOf } from './targets.ts'

export { AwsError as Elbv2Error }

/** Every target group of the lab, and what each of their targets is doing. */
export interface Registry {
  createGroup(options: GroupOptions): Group
  deleteGroup(arn: string): void
  /** Throws `TargetGroupNotFound`, and `ValidationError` for what is no target group's ARN. */
  group(arn: string): Group
  groups(): Group[]
  /** A target that is registered already stays as it is; a draining one starts over. */
  register(arn: string, targets: TargetRef[]): void
  /** An unknown target is no error, as on AWS; a draining one keeps its timer. */
  deregister(arn: string, targets: TargetRef[]): void
  /**
   * Without names: every registered target and the draining ones, finished ones absent. By name: one
   * entry for each, `unused`/`Target.NotRegistered` for finished and never registered ones alike.
   */
  describe(arn: string, named?: TargetRef[]): TargetHealth[]
  /** What the data plane's health checks found. One for a target that has left is ignored. */
  report(arn: string, target: TargetRef, health: 'healthy' | 'unhealthy'): void
  /**
   * The targets that the data plane sends new requests to right now: the healthy ones (all
   * registered ones when none is healthy: the group fails open) and those whose deregistration has not
   * reached every node of the load balancer yet, whatever their state says.
   */
  inRotation(arn: string): TargetHealth[]
}

/**
 * A registry of target groups that keeps no timers: every state is worked out from the times of
 * registration, deregistration and health reports when somebody asks. Throws `Elbv2Error` for what AWS refuses.
 */
export function createRegistry(deps: RegistryDeps): Registry {
  const entries = new Map<string, { group: Group; targets: Targets }>()
  let created = 0

  function entry(arn: string) {
    if (!arnPattern.test(arn)) throw invalidArn(arn)
    const found = entries.get(arn)
    if (!found) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
    return found
  }

  return {
    createGroup(options) {
      const group = newGroup(options, created++)
      const place = group.arn.slice(0, group.arn.lastIndexOf('/'))
      for (const arn of entries.keys()) {
        if (arn.startsWith(`${place}/`)) throw duplicate(group.name)
      }
      entries.set(group.arn, { group, targets: targetsOf(group, deps) })
      return group
    },
    deleteGroup(arn) {
      entry(arn)
      entries.delete(arn)
    },
    group: (arn) => entry(arn).group,
    groups: () => [...entries.values()].map(({ group }) => group),
    register: (arn, refs) => entry(arn).targets.register(refs),
    deregister: (arn, refs) => entry(arn).targets.deregister(refs),
    describe: (arn, named) => entry(arn).targets.describe(named),
    report: (arn, ref, health) => entry(arn).targets.report(ref, health),
    inRotation: (arn) => entry(arn).targets.inRotation(),
  }
}

// arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
const arnPattern = /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\/[\w-]+\/[\da-f]+$/

const duplicate = (name: string) =>
  new AwsError('DuplicateTargetGroupName', `A target group named '${name}' exists already`)
