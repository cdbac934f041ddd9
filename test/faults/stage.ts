import type { Test } from 'tap'
import { type Aws, type AwsOptions, startAws } from '../../lab/elbv2/aws.ts'
import type { FaultRule } from '../../lab/elbv2/faults.ts'
import type { TargetRef } from '../../lab/elbv2/health.ts'
import { createRegistry, type Registry } from '../../lab/elbv2/registry.ts'
import type { Report } from '../../src/drain/account/report.ts'
import { clock } from '../../src/time/clock.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'

/** The times of every row, in milliseconds. */
export const times = {
  graceMs: 40_000,
  reserveMs: 2_000,
  /** Of rows that are to fall back; the others have more time than any of them takes. */
  fallbackMs: 6_000,
  settleMs: 500,
  /** From the hook to the deregistration, where a row does not say otherwise. */
  lagMs: 2_500,
  /** The target drains over the whole of the head start: the first look finds it draining, or serving. */
  delayMs: 10_500,
  /** Within which time of the hook the first look comes. */
  headStartMs: 12_000,
  /** An absence is confirmed; a look is waited for. */
  confirmMs: 5_000,
  /** What a busy machine takes. */
  slackMs: 8_000,
} as const

export const pod: TargetRef = { id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }

export interface Stage {
  readonly t: Test
  readonly registry: Registry
  readonly aws: Aws
  /** ARNs of the target groups; the pod is registered with each of them. */
  readonly groups: readonly string[]
  readonly delayMs: number
  /** When the pod was last deregistered, by the test's clock. */
  leftAtMs: number
  /** The real program, as a process, in front of the lab's API. */
  start(environment?: Readonly<Record<string, string>>): Promise<Sidecar>
}

/** An answered hook, and what the load balancer showed at that moment. */
export interface Released {
  readonly report: Report
  readonly heldMs: number
  /** From the hook to the end of the last deregistration's delay. */
  readonly endMs: number
  /** The pod's states in the groups' listings; a target that has finished is in none. */
  readonly states: readonly string[]
}

export async function stageFor(
  t: Test,
  options: Partial<AwsOptions> & {
    readonly groups?: number
    readonly account?: string
    readonly delayMs?: number
    readonly attached?: 'attached' | 'detached'
  } = {},
): Promise<Stage> {
  const {
    groups: count = 1,
    account,
    delayMs = times.delayMs,
    attached = 'attached',
    ...rest
  } = options
  const registry = createRegistry({ now: clock.now, propagationMs: () => times.settleMs })
  const groups = Array.from({ length: count }, (_, n) => {
    const place = account === undefined ? {} : { account }
    const name = `web-${n}`
    const { arn } = registry.createGroup({
      name,
      deregistrationDelayMs: delayMs,
      attached,
      ...place,
    })
    register(registry, arn)
    return arn
  })
  const aws = await startAws({ registry, now: clock.now, ...rest })
  t.teardown(() => aws.close())
  const start: Stage['start'] = (environment = {}) =>
    startSidecar(t, {
      ...aws.environment,
      TARGET_GROUP_ARNS: groups.join(','),
      POD_IP: pod.id,
      GRACE_PERIOD_SECONDS: String(times.graceMs / 1_000),
      RESERVE_SECONDS: String(times.reserveMs / 1_000),
      FALLBACK_SECONDS: '30',
      SETTLE_SECONDS: String(times.settleMs / 1_000),
      ...environment,
    })
  return { t, registry, aws, groups, delayMs, leftAtMs: clock.now(), start }
}

/** The real program in front of a stage where nothing is wrong. */
export async function started(t: Test): Promise<{ stage: Stage; sidecar: Sidecar }> {
  const stage = await stageFor(t)
  return { stage, sidecar: await stage.start() }
}

export function register(registry: Registry, arn: string, target: TargetRef = pod): void {
  registry.register(arn, [target])
  registry.report(arn, target, 'healthy')
}

/** For rows that are to fall back. */
export const soon = { FALLBACK_SECONDS: String(times.fallbackMs / 1_000) }

export function pause(ms: number): Promise<void> {
  return clock.sleepUntil(clock.now() + ms, new AbortController().signal)
}

/** Calls the hook as the kubelet does, and meanwhile deregisters the pod as the controller does. */
export async function leave(
  stage: Stage,
  sidecar: Sidecar,
  meanwhile: () => Promise<void> = () => deregister(stage),
): Promise<Released> {
  const calledMs = clock.now()
  const [released] = await Promise.all([hook(stage, sidecar, calledMs), meanwhile()])
  return released
}

export async function deregister(stage: Stage, lagMs: number = times.lagMs) {
  await pause(lagMs)
  for (const arn of stage.groups) stage.registry.deregister(arn, [pod])
  stage.leftAtMs = clock.now()
}

export async function hook(
  stage: Stage,
  { url }: Sidecar,
  calledMs = clock.now(),
): Promise<Released> {
  const answer = await fetch(`${url}/prestop`)
  const states = statesOf(stage)
  const report = (await answer.json()) as Report
  stage.t.equal(answer.status, 200)
  const endMs = stage.leftAtMs + stage.delayMs - calledMs
  return { report, states, endMs, heldMs: clock.now() - calledMs }
}

function statesOf({ registry, groups }: Stage): string[] {
  const known = registry.groups().map(({ arn }) => arn)
  return groups
    .filter((arn) => known.includes(arn))
    .flatMap((arn) => registry.describe(arn))
    .filter(({ id }) => id === pod.id)
    .map(({ state }) => state)
}

/**
 * Released because the pod had left: no group lists it any more; and soon after that.
 *
 * @param silentMs How long a question went without an answer.
 */
export function wasFollowed(
  { t }: Stage,
  { report, states, endMs, heldMs }: Released,
  silentMs = 0,
): void {
  // `unregistered`: on a busy machine the first answer came only when the pod had gone.
  t.match(report, { outcome: /^(de|un)registered$/ })
  t.strictSame(states, [], 'not before the true end')
  const latestMs = Math.max(endMs, times.headStartMs + silentMs + times.confirmMs) + times.slackMs
  t.ok(heldMs < latestMs, `held for ${heldMs} ms, not longer than ${latestMs}`)
}

/** Released because what is needed could not be learnt, not before the fallback time; and soon after it. */
export function fellBack({ t }: Stage, { report, heldMs }: Released, because: RegExp): void {
  t.match(report, { outcome: 'fallback', because })
  t.ok(heldMs >= times.fallbackMs, `held for ${heldMs} ms`)
  // A look that is under way is waited for.
  const latestMs = Math.max(times.fallbackMs, times.headStartMs + times.confirmMs) + times.slackMs
  t.ok(heldMs < latestMs, `held for ${heldMs} ms, not longer than ${latestMs}`)
}

/** The fault all the time: falls back. The fault for a while: follows the pod to its end. */
export async function alwaysAndForAWhile(
  t: Test,
  kind: Exclude<FaultRule['kind'], 'slow' | 'throttle'>,
  because: RegExp,
): Promise<void> {
  const always = await stageFor(t)
  always.aws.faults.add({ kind })
  const forAWhile = await stageFor(t)
  // One that hangs is given up after ten seconds.
  const [often, silentMs] = kind.startsWith('hang') ? [1, 10_000] : [2, 0]
  forAWhile.aws.faults.add({ kind, action: 'DescribeTargetHealth', times: often })
  const [first, second] = await Promise.all([always.start(soon), forAWhile.start()])
  const [fallen, followed] = await Promise.all([leave(always, first), leave(forAWhile, second)])
  fellBack(always, fallen, because)
  wasFollowed(forAWhile, followed, silentMs)
}
