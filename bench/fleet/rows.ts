import type { Call } from '../world/account.ts'
import { figuresOf } from '../world/figures.ts'
import { percent, seconds } from '../world/print.ts'
import type { FleetEnd } from './fleet.ts'

export const legend = `\
looks     DescribeTargetHealth calls a pod, throttled ones included; of a lookout, for each pod
listings  those of them that list the whole group; others: its other Describe calls
throttled share of the pods' calls that were throttled; of the controller's, retries included
dereg.    seconds from the first deletion to the last deregistration
late      seconds from the end (the deregistration delay, and 20 s to settle) to the release
before    pods released before that end; traffic: while the load balancer still sent new requests
warnings  pods whose end is a Warning and an alert: deadline, fallback
all       seconds from the first deletion to the last release`

export const tableHead: readonly string[] = [
  '',
  'looks',
  'listings',
  'others',
  'throttled',
  'controller',
  'dereg.',
  'late s p50',
  'p99',
  'max',
  'before',
  'traffic',
  'warnings',
  'all s',
]

/** One wait with one fleet. */
export function fleetRow(name: string, { pods, podCalls, controllerCalls }: FleetEnd): string[] {
  const looks = podCalls.filter(({ view }) => view !== undefined).length
  const listings = podCalls.filter(({ view }) => view === 'listing').length
  const late = figuresOf(pods.map(({ lagMs }) => lagMs))
  const count = (those: (pod: FleetEnd['pods'][number]) => boolean) =>
    String(pods.filter(those).length)
  return [
    name,
    each(looks, pods.length),
    each(listings, pods.length),
    each(podCalls.length - looks, pods.length),
    throttledShare(podCalls),
    throttledShare(controllerCalls),
    seconds(figuresOf(pods.map(({ deregisteredMs }) => deregisteredMs)).max),
    seconds(late.p50),
    seconds(late.p99),
    seconds(late.max),
    count(({ lagMs }) => lagMs < 0),
    count(({ traffic }) => traffic === 'coming'),
    count(({ outcome }) => outcome === 'deadline' || outcome === 'fallback'),
    seconds(figuresOf(pods.map(({ releasedMs }) => releasedMs)).max),
  ]
}

/** Less than one, as a lookout's are, with two digits more: `0` only when there is nothing at all. */
function each(count: number, pods: number): string {
  if (count === 0) return '0'
  const share = count / pods
  return share < 0.001 ? '<0.001' : share.toFixed(share < 0.95 ? 3 : 1)
}

function throttledShare(calls: readonly Call[]): string {
  return percent(calls.filter(({ answer }) => answer === 'throttled').length, calls.length)
}

/** Why the pods were released: `deregistered 77, fallback 23`. */
export function outcomesOf({ pods }: FleetEnd): string {
  const counts = new Map<string, number>()
  for (const { outcome } of pods) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
}
