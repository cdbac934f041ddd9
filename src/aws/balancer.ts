import type { Clock } from '../clock.ts'
import type { Balancer, Failure } from '../drain/ports.ts'
import type { GroupFacts } from '../drain/target.ts'
import type { Api, GroupKind } from './api.ts'
import type { RoleArn } from './arn.ts'
import { failureOf, isCredentialsFault } from './failures.ts'
import { isOneOf, readSightings } from './sightings.ts'

/** With whose eyes the groups are looked at. */
export interface Access {
  /** A group is looked at with the role of its own account, else with the pod's own credentials. */
  readonly roles: readonly RoleArn[]
  readonly externalId?: string
  /** Where STS is asked; without it, in the group's Region. */
  readonly stsRegion?: string
}

export interface AwsDeps {
  readonly clock: Clock
  readonly podIps: readonly string[]
  readonly access: Access
}

/** Everything that one question may take, credentials included, in milliseconds. */
const questionMs = 10_000

/** The balancer port on AWS. The SDK is loaded at the first question. */
export function createAwsBalancer({ clock, podIps, access }: AwsDeps): Balancer {
  const isMine = isOneOf(podIps)
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
    group: string,
    signal: AbortSignal,
    question: (api: Api, signal: AbortSignal) => Promise<T>,
  ): Promise<T | Failure> {
    try {
      const api = await load()
      return await within(clock, signal, (bounded) => question(api, bounded))
    } catch (error) {
      if (isCredentialsFault(error)) (await loading)?.forget(group)
      return failureOf(error, action)
    }
  }

  return {
    look: (group, view, signal) =>
      ask('DescribeTargetHealth', group, signal, async (api, bounded) => {
        const named = view.kind === 'named' ? view.targets : undefined
        return readSightings(await api.targetHealth(group, named, bounded), group, view, isMine)
      }),
    async describe(group, signal) {
      const answers = await Promise.all([
        ask('DescribeTargetGroupAttributes', group, signal, async (api, bounded) =>
          delayFacts(await api.deregistrationDelay(group, bounded)),
        ),
        ask('DescribeTargetGroups', group, signal, async (api, bounded) =>
          kindFacts(await api.kind(group, bounded)),
        ),
      ])
      const missing = answers.filter((answer): answer is Failure => 'kind' in answer)
      const facts = answers.filter((answer): answer is GroupFacts => !('kind' in answer))
      return { kind: 'described', facts: Object.assign({}, ...facts), missing }
    },
  }
}

function delayFacts(seconds: string | undefined): GroupFacts | Failure {
  const delayMs = seconds ? Number(seconds) * 1_000 : Number.NaN
  if (Number.isFinite(delayMs)) return { deregistrationDelayMs: delayMs }
  return { kind: 'malformed', said: 'DescribeTargetGroupAttributes: an answer without a delay' }
}

function kindFacts({ protocol, targetType }: GroupKind): GroupFacts | Failure {
  if (!protocol)
    return { kind: 'malformed', said: 'DescribeTargetGroups: an answer without a group' }
  return {
    // Of a protocol that is not known here the worst is assumed.
    ...(kinds[protocol] ?? datagrams),
    ...(targetType === 'ip' || targetType === 'instance' ? { targetType } : {}),
  }
}

type Kind = Pick<GroupFacts, 'loadBalancer' | 'traffic'>
const application: Kind = { loadBalancer: 'application', traffic: 'connections' }
const network: Kind = { loadBalancer: 'network', traffic: 'connections' }
const datagrams: Kind = { loadBalancer: 'network', traffic: 'datagrams' }

/** A target group's protocol tells the kind of its load balancer (ELBv2 API, CreateTargetGroup). */
const kinds: Readonly<Record<string, Kind>> = {
  HTTP: application,
  HTTPS: application,
  TCP: network,
  TLS: network,
  GENEVE: { loadBalancer: 'gateway', traffic: 'datagrams' },
  UDP: datagrams,
  TCP_UDP: datagrams,
  QUIC: datagrams,
  TCP_QUIC: datagrams,
}

/** The SDK's own time-outs leave out credentials, DNS and bodies that stop half-way: this one does not. */
async function within<T>(
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const bounded = AbortSignal.any([signal, done.signal])
  const late = clock.sleepUntil(clock.now() + questionMs, bounded).then(() => {
    const name = 'TimeoutError'
    throw Object.assign(new Error(`nothing within ${questionMs / 1_000} s`), { name })
  })
  try {
    return await Promise.race([work(bounded), late])
  } finally {
    done.abort()
  }
}
