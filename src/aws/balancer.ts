import type { Balancer, Failure } from '../drain/ports.ts'
import { kindOf } from '../drain/protocol.ts'
import type { GroupFacts } from '../drain/target.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { Access, Role } from './access.ts'
import type { Api, GroupKind } from './api.ts'
import { describedBy } from './described.ts'
import { failureOf, isCredentialsFault } from './failures.ts'
import { type Listing, readListing } from './sightings.ts'

/** The balancer port, and what else is asked of AWS. */
export interface AwsBalancer extends Balancer {
  /** What a group's listing shows of all its targets. */
  list(group: string, signal: AbortSignal): Promise<Listing | Failure>
  /** The ARN of a target group by its name, in the Region of the cluster. */
  arnOf(name: string, role: Role | undefined, signal: AbortSignal): Promise<string | Failure>
  /** The ARN of whoever we are to AWS. */
  identity(signal: AbortSignal): Promise<string | Failure>
}

export interface AwsDeps {
  readonly clock: Clock
  /** The pod's addresses, as far as they are known by now. */
  readonly podIps: () => readonly string[]
  readonly access: Access
}

/**
 * Everything that one question may take, in milliseconds. The SDK's own time-outs leave out
 * credentials, DNS and bodies that stop half-way.
 */
const questionMs = 10_000

/** The balancer port on AWS. The SDK is loaded at the first question. */
export function createAwsBalancer({ clock, podIps, access }: AwsDeps): AwsBalancer {
  let loading: Promise<Api> | undefined
  const load = () => {
    loading ??= import('./api.ts').then(
      ({ createApi }) => createApi(access),
      (error) => {
        // Out of memory or of file handles, say: the next question tries again.
        loading = undefined
        throw error
      },
    )
    return loading
  }

  async function ask<T>(
    action: string,
    signal: AbortSignal,
    question: (api: Api, signal: AbortSignal) => Promise<T>,
  ): Promise<T | Failure> {
    try {
      const api = await load()
      return await within(clock, questionMs, signal, (bounded) => question(api, bounded))
    } catch (error) {
      if (isCredentialsFault(error)) (await loading)?.forget()
      return failureOf(error, action)
    }
  }

  const list: AwsBalancer['list'] = (group, signal) =>
    ask('DescribeTargetHealth', signal, async (api, bounded) =>
      readListing(await api.targetHealth(group, bounded), group),
    )

  return {
    list,
    async look(group, signal) {
      const mine = podIps()
      if (mine.length === 0) return malformed(noAddress)
      const listing = await list(group, signal)
      return listing.kind === 'listing' ? listing.of(mine) : listing
    },
    async describe(group, wanted, signal) {
      const questions = {
        delay: () =>
          ask('DescribeTargetGroupAttributes', signal, async (api, bounded) =>
            delayFacts(await api.deregistrationDelay(group, bounded)),
          ),
        kind: () =>
          ask('DescribeTargetGroups', signal, async (api, bounded) =>
            kindFacts(await api.kind(group, bounded)),
          ),
      }
      return describedBy(await Promise.all(wanted.map((what) => questions[what]())))
    },
    identity: (signal) =>
      ask('GetCallerIdentity', signal, async (api, bounded) => {
        return (
          (await api.identity(bounded)) ?? malformed('GetCallerIdentity: an answer without ARN')
        )
      }),
    arnOf: (name, role, signal) =>
      ask('DescribeTargetGroups', signal, async (api, bounded) => {
        const arn = await api.arnOf(name, role, bounded)
        return arn ?? malformed(`DescribeTargetGroups: no target group is named ${name}`)
      }),
  }
}

function delayFacts(seconds: string | undefined): GroupFacts | Failure {
  const delayMs = seconds ? Number(seconds) * 1_000 : Number.NaN
  if (Number.isFinite(delayMs)) return { deregistrationDelayMs: delayMs }
  return malformed('DescribeTargetGroupAttributes: an answer without a delay')
}

function kindFacts({ protocol, targetType }: GroupKind): GroupFacts | Failure {
  if (!protocol) return malformed('DescribeTargetGroups: an answer without a group')
  return {
    ...kindOf(protocol),
    ...(targetType === 'ip' || targetType === 'instance' ? { targetType } : {}),
  }
}

/** With no address every listing would look as if the pod were not in it. */
const noAddress = "the pod's addresses are not known: set POD_IPS from status.podIPs (fieldRef)"

function malformed(said: string): Failure {
  return { kind: 'malformed', said }
}
