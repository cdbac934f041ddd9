import type { Role } from '../../src/aws/access.ts'
import type { AwsBalancer } from '../../src/aws/balancer.ts'
import { readListing } from '../../src/aws/sightings.ts'
import type { Failure } from '../../src/drain/ports.ts'
import type { GroupFacts } from '../../src/drain/target.ts'
import type { Clock } from '../../src/time/clock.ts'

/** One call, and with whose eyes. */
export interface Call {
  readonly action: 'list' | 'delay' | 'kind' | 'arn'
  readonly of: string
  readonly atMs: number
  readonly role?: string
}

export interface ScriptedAws {
  readonly awsAs: (role: Role | undefined) => AwsBalancer
  readonly calls: Call[]
  /** May be changed while it is in use: what the next calls are answered with, instead of what is there. */
  failure: Failure | undefined
  /** The addresses in each group, with their states. */
  readonly targets: Record<string, Readonly<Record<string, string>>>
  /** The ARNs of groups by their names. */
  readonly arns: Record<string, string>
  facts: GroupFacts
}

export const callMs = 50

/** AWS as a lookout calls it; each call takes 50 ms. */
export function scriptedAws(clock: Clock): ScriptedAws {
  const never = new AbortController().signal
  const aws: ScriptedAws = {
    ...{ calls: [], failure: undefined, targets: {}, arns: {} },
    facts: { deregistrationDelayMs: 30_000, loadBalancer: 'application', traffic: 'connections' },
    awsAs: (role) => eyes(role?.arn),
  }

  async function call<A>(one: Omit<Call, 'atMs'>, answer: () => A): Promise<A | Failure> {
    aws.calls.push({ ...one, atMs: clock.now() })
    const { failure } = aws
    await clock.sleepUntil(clock.now() + callMs, never)
    return failure ?? answer()
  }

  function eyes(arn: string | undefined): AwsBalancer {
    const role = arn === undefined ? {} : { role: arn }
    return {
      look: () => Promise.reject(new Error('a lookout lists')),
      identity: () => Promise.reject(new Error('nobody asks')),
      list: (of) => call({ action: 'list', of, ...role }, () => listing(of)),
      async describe(of, wanted) {
        const answers = await Promise.all(
          wanted.map((what) => call({ action: what, of, ...role }, () => factsOf(what))),
        )
        const missing = answers.filter((one): one is Failure => 'kind' in one)
        const facts = answers.filter((one) => !('kind' in one))
        return { kind: 'described', facts: Object.assign({}, ...facts), missing }
      },
      arnOf: (of) => call({ action: 'arn', of, ...role }, () => aws.arns[of] ?? noGroup),
    }
  }

  function listing(group: string) {
    const entries = Object.entries(aws.targets[group] ?? {})
    const TargetHealthDescriptions = entries.map(([Id, State]) => ({
      ...{ Target: { Id, Port: 8080 }, TargetHealth: { State } },
    }))
    return readListing({ TargetHealthDescriptions }, group)
  }

  function factsOf(what: 'delay' | 'kind'): GroupFacts {
    const { deregistrationDelayMs, ...kind } = aws.facts
    if (what === 'kind') return kind
    return deregistrationDelayMs === undefined ? {} : { deregistrationDelayMs }
  }
  return aws
}

export const noGroup: Failure = { kind: 'gone', said: 'the target group does not exist' }
