import { isIP } from 'node:net'
import { invalid } from './error.ts'
import { deregistrationDelayMs, type Group, isPort } from './group.ts'
import {
  type Address,
  healthOf,
  isFinished,
  isPresent,
  notRegistered,
  type Target,
  type TargetHealth,
  type TargetRef,
} from './health.ts'

export interface RegistryDeps {
  /** Milliseconds, monotonic. */
  now: () => number
  /** How long one deregistration takes to reach the data plane; asked once for each. */
  propagationMs: () => number
}

/** The targets of one group. Times, states and errors are those of `Registry`. */
export interface Targets {
  register(refs: TargetRef[]): void
  deregister(refs: TargetRef[]): void
  describe(named?: TargetRef[]): TargetHealth[]
  report(ref: TargetRef, health: 'healthy' | 'unhealthy'): void
  inRotation(): TargetHealth[]
}

export function targetsOf(group: Group, { now, propagationMs }: RegistryDeps): Targets {
  const targets = new Map<string, Target>()

  return {
    register(refs) {
      const addresses = refs.map((ref) => addressOf(group, ref))
      forget(targets, now())
      for (const address of addresses) {
        const known = targets.get(keyOf(address))
        if (known && !known.leaving) continue
        targets.set(keyOf(address), { ...zoneOf(group), ...address, registeredAtMs: now() })
      }
    },
    deregister(refs) {
      const addresses = refs.map((ref) => addressOf(group, ref))
      const atMs = now()
      forget(targets, atMs)
      const served = new Set(rotation(group, targets, atMs))
      for (const address of addresses) {
        const target = targets.get(keyOf(address))
        if (!target || target.leaving) continue
        const lagMs = propagationMs()
        target.leaving = {
          doneAtMs: atMs + deregistrationDelayMs(group),
          // What got no requests before does not start to get some by leaving.
          servedUntilMs: served.has(target) ? atMs + lagMs : atMs,
        }
      }
    },
    describe(named) {
      const atMs = now()
      return named
        ? named.map((ref) => answerTo(group, targets, ref, atMs))
        : listing(group, targets, atMs)
    },
    report(ref, state) {
      const target = targets.get(keyOf(addressOf(group, ref)))
      // A check may still be under way when its target has left.
      if (target && target.health?.state !== state) target.health = { state, sinceMs: now() }
    },
    inRotation() {
      const atMs = now()
      return rotation(group, targets, atMs).map((target) => healthOf(group, target, atMs))
    },
  }
}

// Forgetting finished targets when the set changes keeps a lab bounded that rolls pods for hours.
function forget(targets: Map<string, Target>, atMs: number) {
  for (const [key, target] of targets) if (!isPresent(target, atMs)) targets.delete(key)
}

function listing(group: Group, targets: Map<string, Target>, atMs: number) {
  const listed = [...targets.values()].filter((target) => !isFinished(target, atMs))
  return listed.map((target) => healthOf(group, target, atMs))
}

function answerTo(group: Group, targets: Map<string, Target>, ref: TargetRef, atMs: number) {
  const address = addressOf(group, ref)
  const target = targets.get(keyOf(address))
  if (!target || isFinished(target, atMs)) return notRegistered(address)
  if (ref.zone !== undefined && ref.zone !== target.zone) throw wrongZone(address)
  return healthOf(group, target, atMs)
}

function rotation(group: Group, targets: Map<string, Target>, atMs: number): Target[] {
  if (group.loadBalancerArns.length === 0) return []
  const all = [...targets.values()]
  const registered = all.filter((target) => !target.leaving)
  const healthy = registered.filter((target) => target.health?.state === 'healthy')
  const leaving = all.filter(({ leaving }) => leaving && atMs < leaving.servedUntilMs)
  return [...(healthy.length > 0 ? healthy : registered), ...leaving]
}

const keyOf = ({ id, port }: Address) => `${id} ${port}`

/** The address that a reference means in this group. Throws `ValidationError`. */
function addressOf(group: Group, ref: TargetRef): Address {
  const { id, port = group.defaultPort, zone } = ref
  if (group.targetType === 'ip' && isIP(id) === 0)
    throw invalid(`The IP address '${id}' is not valid`)
  if (group.targetType === 'instance' && !/^i-[\da-f]{8,17}$/.test(id)) {
    throw invalid(`Instance ID '${id}' is not valid`)
  }
  if (!isPort(port)) throw invalid(`Port '${port}' is not valid`)
  const address: Address = zone === undefined ? { id, port } : { id, port, zone }
  if (zone !== undefined && !isZone(group, zone)) throw wrongZone(address)
  return address
}

// AWS looks an address inside the VPC up in its subnet, so a listing shows a zone that nobody gave.
const zoneOf = (group: Group) => (group.targetType === 'ip' ? { zone: `${regionOf(group)}a` } : {})

const isZone = (group: Group, zone: string) =>
  zone === 'all' || (zone.startsWith(regionOf(group)) && /^[a-z]$/.test(zone.slice(-1)))

const regionOf = (group: Group) => group.arn.split(':')[3] ?? ''

const wrongZone = ({ id, zone }: Address) =>
  invalid(`Target '${id}' is not in Availability Zone '${zone}'`)
