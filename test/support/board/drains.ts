import { beginRow, type PodId } from '../../../src/lookout/board/row.ts'
import type { Told } from '../../../src/lookout/board/told.ts'
import { type DrainView, viewOf } from '../../../src/lookout/board/view.ts'

export const arnOf = (name: string, index = 1) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/${String(index).padStart(16, '0')}`

/** What a sidecar tells of a pod that was in service when its hook came. */
export function told(more: Partial<Told> = {}): Told {
  return {
    ...{ state: 'draining', releaseWhen: 'deregistered', phase: 'registered' },
    ...{ heldMs: 0, deadlineInMs: 325_000, hooks: 1, looks: 1, throttled: 0 },
    targets: [{ group: arnOf('web'), id: '10.0.1.7', port: 8080, state: 'healthy' }],
    ...more,
  }
}

export function podId(index: number, name = 'web', namespace = 'shop'): PodId {
  const tail = `${((index * 2_654_435_761) >>> 0).toString(36)}00000`.slice(0, 5)
  return { namespace, name: `${name}-5d8f6b7c9-${tail}`, uid: `${name}-${index}` }
}

/** How a drain is shown of which that was told just now. */
export function viewWith(more: Partial<Told>, name = 'web'): DrainView {
  return viewOf(beginRow({ ...podId(1, name), name }, told(more), 0), 0)
}

/** A drain from its hook on: what is told of it, and how long after the hook. */
export type Story = { readonly pod: PodId; readonly news: readonly { atMs: number; told: Told }[] }

/** One that ends as it should, of a pod that was deleted with others. */
export function goodStory(index: number, delayMs = 300_000, name = 'web'): Story {
  const [leftMs, goneMs] = [3_000 + (index % 40) * 300, 5_000 + (index % 40) * 300 + delayMs]
  const graceMs = delayMs + 25_000
  const at = (atMs: number, more: Partial<Told>) => ({
    atMs,
    told: told({ heldMs: atMs, deadlineInMs: graceMs - atMs, ...targets(index, name), ...more }),
  })
  const expectedInMs = goneMs - leftMs - 1_000
  return {
    pod: podId(index, name),
    news: [
      at(0, { phase: 'unknown', targets: [], looks: 0 }),
      at(2_000, { phase: 'registered' }),
      at(leftMs, {
        phase: 'draining',
        expectedInMs,
        looks: 3,
        ...targets(index, name, 'draining'),
      }),
      at(goneMs, {
        ...{ phase: 'gone', state: 'released', outcome: 'deregistered', severity: 'normal' },
        ...{ because: 'every target of this pod has left service and settled', looks: 7 },
        ...targets(index, name, 'unused'),
      }),
    ],
  }
}

/** One whose looks fail until its fallback time is over. */
export function blindStory(index: number): Story {
  const trouble =
    'DescribeTargetHealth denied: allow elasticloadbalancing:DescribeTargetHealth for role draingate-lookout'
  const base = { phase: 'unknown', targets: [], looks: 6 } as const
  const because = `nothing could be learnt: ${trouble}`
  return {
    pod: podId(index, 'search'),
    news: [
      { atMs: 0, told: told({ ...base, deadlineInMs: 55_000 }) },
      { atMs: 2_500, told: told({ ...base, heldMs: 2_500, deadlineInMs: 52_500, trouble }) },
      {
        atMs: 30_000,
        told: told({
          ...{ ...base, state: 'released', heldMs: 30_000, deadlineInMs: 25_000 },
          ...{ outcome: 'fallback', severity: 'warning', because },
        }),
      },
    ],
  }
}

/** One whose grace period has no room for its delay. */
export function shortStory(index: number): Story {
  const [deadlineMs, advice] = [
    55_000,
    'set terminationGracePeriodSeconds (and GRACE_PERIOD_SECONDS, where it is set) to 325',
  ]
  const at = (atMs: number, more: Partial<Told>) => ({
    atMs,
    told: told({
      heldMs: atMs,
      deadlineInMs: deadlineMs - atMs,
      ...targets(index, 'checkout'),
      ...more,
    }),
  })
  return {
    pod: podId(index, 'checkout'),
    news: [
      at(0, {}),
      at(4_000, {
        ...{ phase: 'draining', expectedInMs: 300_000, ...targets(index, 'checkout', 'draining') },
      }),
      at(deadlineMs, {
        ...{ phase: 'draining', state: 'released', outcome: 'deadline', severity: 'warning' },
        because: `the time was up during the deregistration delay: ${advice}`,
      }),
    ],
  }
}

function targets(index: number, name: string, state = 'healthy'): Pick<Told, 'targets'> {
  const id = `10.0.${(index >> 8) & 255}.${index & 255}`
  return { targets: [{ group: arnOf(name), id, port: 8080, state }] }
}
