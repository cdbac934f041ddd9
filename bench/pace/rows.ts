import { figuresOf } from '../world/figures.ts'
import { percent, seconds, textTable } from '../world/print.ts'
import type { Held } from './world.ts'

export const tableHead: readonly string[] = [
  '',
  'looks',
  'p50',
  'max',
  'listings',
  'others',
  'late s p50',
  'p99',
  'max',
  'traffic',
  'held s',
  'p50',
  'max',
]

export const legend = `\
looks    DescribeTargetHealth calls of one hook: mean, median, most
listings those of them that list the whole group, mean
others   DescribeTargetGroups and DescribeTargetGroupAttributes calls, mean
late     seconds from the end of all that the wait waits for to the release; negative: before it.
         The end is that of the deregistration delay, but not before the load balancer has settled
         (20 s after the deregistration for an ALB, 120 s for an NLB); of idle and settled, their own
traffic  hooks released while the load balancer still sent new requests
held     seconds from the hook to the release: mean, median, most`

/** One wait in one kind of world. */
export function paceRow(name: string, held: readonly Held[]): string[] {
  const looks = figuresOf(held.map((one) => one.looks))
  const listings = figuresOf(held.map((one) => one.listings))
  const others = figuresOf(held.map((one) => one.others))
  const late = figuresOf(held.map(({ lagMs }) => lagMs))
  const heldMs = figuresOf(held.map((one) => one.heldMs))
  return [
    name,
    looks.mean.toFixed(1),
    String(looks.p50),
    String(looks.max),
    listings.mean.toFixed(1),
    others.mean.toFixed(1),
    seconds(late.p50),
    seconds(late.p99),
    seconds(late.max),
    percent(earlyOnes(held), held.length),
    seconds(heldMs.mean),
    seconds(heldMs.p50),
    seconds(heldMs.max),
  ]
}

/** All worlds together, each wait beside the first. */
export function paceSummary(all: readonly { name: string; held: readonly Held[] }[]): string {
  const callsOf = (held: readonly Held[]) => figuresOf(held.map((o) => o.looks + o.others)).mean
  const heldOf = (held: readonly Held[]) => figuresOf(held.map(({ heldMs }) => heldMs)).mean
  const first = all[0]?.held ?? []
  const head = ['all worlds', 'calls', 'ratio', 'held s', 'ratio', 'late s max', 'traffic', 'of']
  const rows = all.map(({ name, held }) => [
    name,
    callsOf(held).toFixed(1),
    (callsOf(held) / callsOf(first)).toFixed(2),
    seconds(heldOf(held)),
    (heldOf(held) / heldOf(first)).toFixed(2),
    seconds(figuresOf(held.map(({ lagMs }) => lagMs)).max),
    String(earlyOnes(held)),
    String(held.length),
  ])
  return textTable([head, ...rows])
}

function earlyOnes(held: readonly Held[]): number {
  return held.filter(({ traffic }) => traffic === 'coming').length
}
