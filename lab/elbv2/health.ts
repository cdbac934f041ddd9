import { type Group, kindOf, unhealthyDrainingMs } from './group.ts'

export interface TargetRef {
  id: string
  /** Left out: the group's default port, even when the target is registered on another one only. */
  port?: number
  zone?: string
}

export interface TargetHealth {
  id: string
  port: number
  zone?: string
  state: string
  reason?: string
  description?: string
  healthCheckPort: string
}

/** Where a target is reached. */
export interface Address {
  id: string
  port: number
  zone?: string
}

/** Everything that a target's state follows from. Times are readings of the registry's clock. */
export interface Target extends Address {
  registeredAtMs: number
  health?: { state: 'healthy' | 'unhealthy'; sinceMs: number }
  /** Set once deregistered: when the timer ends, and when the last node stops sending requests. */
  leaving?: { doneAtMs: number; servedUntilMs: number }
}

/** For so long a fresh target is "in progress" before its first health checks are. */
export const registrationMs = 2_000

/** The deregistration delay is over: a listing shows the target no more. */
export const isFinished = ({ leaving }: Target, atMs: number) =>
  leaving !== undefined && atMs >= leaving.doneAtMs

/** There is something left to know: the target is listed, or some node still sends it requests. */
export const isPresent = (target: Target, atMs: number) =>
  !isFinished(target, atMs) || (target.leaving !== undefined && atMs < target.leaving.servedUntilMs)

/** AWS's one answer for a target that has finished and for one that never was. */
export const notRegistered = (address: Address): TargetHealth => ({
  ...seen(address),
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
})

/** What DescribeTargetHealth says of a target at an instant. */
export function healthOf(group: Group, target: Target, atMs: number): TargetHealth {
  if (isFinished(target, atMs)) return notRegistered(target)
  return { ...seen(target), ...stateOf(group, target, atMs) }
}

const seen = ({ id, port, zone }: Address) => ({
  id,
  port,
  ...(zone !== undefined && { zone }),
  healthCheckPort: String(port),
})

type State = Pick<TargetHealth, 'state' | 'reason' | 'description'>

function stateOf(group: Group, target: Target, atMs: number): State {
  const { health, leaving, registeredAtMs } = target
  const network = kindOf(group.protocol) === 'net'
  if (leaving) {
    return network && health?.state === 'unhealthy' ? unhealthyDraining : draining
  }
  if (group.loadBalancerArns.length === 0) return notInUse
  if (health?.state === 'healthy') return { state: 'healthy' }
  if (health) {
    const lettingGo = network && atMs < health.sinceMs + unhealthyDrainingMs(group)
    return lettingGo ? unhealthyDraining : unhealthy
  }
  return atMs < registeredAtMs + registrationMs ? registering : checking
}

const draining = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
}
const unhealthyDraining = { state: 'unhealthy.draining' }
const unhealthy = {
  state: 'unhealthy',
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
}
const notInUse = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
}
const registering = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
}
const checking = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}
