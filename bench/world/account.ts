import { between } from '../../lab/chance.ts'
import { type BucketSize, createBucket, describeBucket } from '../../lab/elbv2/bucket.ts'
import type { TargetHealth, TargetRef } from '../../lab/elbv2/health.ts'
import type { Registry } from '../../lab/elbv2/registry.ts'
import type { WorldClock } from './clock.ts'

/** One request to the API. */
export interface Call {
  readonly atMs: number
  readonly action: 'DescribeTargetHealth' | 'DescribeTargetGroups' | 'DescribeTargetGroupAttributes'
  /** Of DescribeTargetHealth: named targets, or all of the group. */
  readonly view?: 'named' | 'listing'
  readonly answer: 'ok' | 'throttled'
}

/** The Describe calls of one account and Region, from one caller. */
export interface Api {
  /** Named targets, or all of the group. */
  targetHealth(arn: string, named?: readonly TargetRef[]): Promise<TargetHealth[] | 'throttled'>
  /** The group's protocol. */
  protocol(arn: string): Promise<{ protocol: string } | 'throttled'>
  attributes(arn: string): Promise<ReadonlyMap<string, string> | 'throttled'>
}

export interface AccountDeps {
  readonly clock: WorldClock
  readonly registry: Registry
  readonly chance: () => number
  /** Default: AWS's. */
  readonly bucket?: BucketSize
}

/** How long one request takes, there and back, in milliseconds: within a Region, a warm connection. */
export const latencyMs = [20, 80] as const

/** An account: every caller draws on the same bucket. */
export function createAccount({ clock, registry, chance, bucket = describeBucket }: AccountDeps) {
  const take = createBucket(bucket, clock.now)

  /** @param hear Hears of each call as it reaches the API. */
  return function apiFor(hear: (call: Call) => void): Api {
    async function call<T>(
      asked: Pick<Call, 'action' | 'view'>,
      result: () => T,
    ): Promise<T | 'throttled'> {
      const oneWayMs = between(chance, latencyMs) / 2
      await clock.sleep(oneWayMs)
      const answer = take() ? 'ok' : 'throttled'
      hear({ ...asked, atMs: clock.now(), answer })
      // The answer is true of the moment at which the API made it, not of the one at which it arrives.
      const made = answer === 'ok' ? result() : 'throttled'
      await clock.sleep(oneWayMs)
      return made
    }
    return {
      targetHealth: (arn, named) =>
        call({ action: 'DescribeTargetHealth', view: named ? 'named' : 'listing' }, () =>
          registry.describe(arn, named && [...named]),
        ),
      protocol: (arn) =>
        call({ action: 'DescribeTargetGroups' }, () => ({
          protocol: registry.group(arn).protocol,
        })),
      attributes: (arn) =>
        call({ action: 'DescribeTargetGroupAttributes' }, () => registry.group(arn).attributes),
    }
  }
}

/** Where the callers of one account get their API. */
export type Account = ReturnType<typeof createAccount>
