import { randomUUID } from 'node:crypto'
import { type StsDeps, stsActions, unsignedStsActions } from '../sts/actions.ts'
import { authenticate, type Caller, type SignedRequest } from '../sts/signature.ts'
import { elbv2Actions } from './actions.ts'
import { type BucketSize, createBucket } from './bucket.ts'
import type { Call, Calls } from './calls.ts'
import { AwsError } from './error.ts'
import type { Fault, Faults } from './faults.ts'
import { faultError, faultyResult, throttled } from './faulty.ts'
import { parseQuery, type Query } from './query.ts'
import type { Registry } from './registry.ts'
import { answerXml, errorXml, type Xml } from './xml.ts'

/** What goes back for one request; a fault of transport is still to be done to it. */
export interface Answer {
  status: number
  xml: string
  fault: Fault | undefined
}

export interface AnswerDeps extends StsDeps {
  registry: Registry
  faults: Faults
  calls: Calls
  bucket: BucketSize
  /** The lab's monotonic clock, in milliseconds. */
  now: () => number
}

/**
 * Both services behind one door: which one is asked shows in the request's `Version`. Authentication
 * comes first, then the account's token bucket, then faults (which so meet signed requests that are
 * within the limit), then the action.
 */
export function createAnswerer(deps: AnswerDeps): (request: SignedRequest) => Answer {
  const services = servicesOf(deps)
  const draw = buckets(deps)

  return function answer(request) {
    const query = parseQuery(request.body.toString())
    const service = services.find(({ version }) => version === query.get('Version')) ?? services[0]
    const asked = query.get('Action') ?? ''
    // Only known names go to the log: its counters would grow with whatever somebody sends.
    const known = Object.hasOwn(service.signed, asked) || Object.hasOwn(service.unsigned, asked)
    const action = known ? asked : 'Unknown'
    const call: Call = { ...subject(query), atMs: deps.now(), action, code: 'OK' }
    const requestId = randomUUID()
    let fault: Fault | undefined
    try {
      const caller = identify(request, service, action, deps)
      if (caller) call.caller = caller.identity.arn
      if (caller && action.startsWith('Describe')) draw(caller)
      fault = deps.faults.take(action, call.groupArn)
      if (fault) call.fault = fault.kind
      const result = perform(service, { action, query, caller, fault })
      return { status: 200, xml: answerXml(action, service.namespace, result, requestId), fault }
    } catch (error) {
      call.code = error instanceof AwsError ? error.code : 'InternalFailure'
      if (!(error instanceof AwsError)) throw error
      return { status: error.status, xml: errorXml(error, service.namespace, requestId), fault }
    } finally {
      deps.calls.add(call)
    }
  }
}

interface Service {
  name: string
  version: string
  namespace: string
  signed: Record<string, (query: Query, caller: Caller) => Xml>
  unsigned: Record<string, (query: Query) => Xml>
}

const servicesOf = (deps: AnswerDeps): [Service, Service] => [
  {
    name: 'elasticloadbalancing',
    version: '2015-12-01',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    signed: elbv2Actions(deps.registry),
    unsigned: {},
  },
  {
    name: 'sts',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    signed: stsActions(deps),
    unsigned: unsignedStsActions(deps),
  },
]

function subject(query: Query): Pick<Call, 'groupArn' | 'named'> {
  const groupArn = query.get('TargetGroupArn')
  const named = query.structures('Targets')?.length ?? 0
  return groupArn === undefined ? { named } : { groupArn, named }
}

function identify(request: SignedRequest, service: Service, action: string, deps: AnswerDeps) {
  if (Object.hasOwn(service.unsigned, action)) return undefined
  const { credentials, wallNow } = deps
  return authenticate(request, { credentials, service: service.name, wallNowMs: wallNow() })
}

interface Performance {
  action: string
  query: Query
  caller: Caller | undefined
  fault: Fault | undefined
}

function perform(service: Service, { action, query, caller, fault }: Performance): Xml {
  const refused = { service: service.name, action, caller: caller?.identity.arn }
  const failure = fault && faultError(fault, refused)
  if (failure) throw failure
  const signed = service.signed[action]
  const result = caller && signed ? signed(query, caller) : service.unsigned[action]?.(query)
  if (result === undefined) {
    const version = query.get('Version')
    throw new AwsError(
      'InvalidAction',
      `Could not find operation ${query.get('Action')} for version ${version}`,
    )
  }
  return fault ? faultyResult(fault, result) : result
}

/** Draws a token for a caller's account and Region; throws `Throttling` when there is none. */
function buckets({ bucket, now }: AnswerDeps): (caller: Caller) => void {
  const known = new Map<string, () => boolean>()
  return ({ identity, region }) => {
    const key = `${identity.account} ${region}`
    const take = known.get(key) ?? createBucket(bucket, now)
    known.set(key, take)
    if (!take()) throw throttled()
  }
}
