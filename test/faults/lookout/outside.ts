/** What lookouts need themselves, and what is wrong with that. */
import { pause } from '../../e2e/lab-scene.ts'
import type { Row } from '../rows.ts'
import { byTime, fallen, followed } from './faults.ts'
import { type LookoutStage, leave, soon, stageFor } from './stage.ts'

export const rows: readonly Row[] = [
  followed('the API server is down from the middle on', {
    because: 'a lookout knows the addresses of a pod that it has looked for, and its groups',
    when: 'in the middle',
    what: downs,
  }),
  followed('the API server is down for five seconds', {
    because: 'it is asked again each second or two',
    when: 'before',
    what(stage) {
      downs(stage)
      void pause(5_000).then(() => stage.kubernetes.server.mend())
    },
  }),
  followed('the API server is down, and the lookout that knows of the pod is killed', {
    because: 'the other one cannot tell of the pod, but it was seen to drain, so the time is proof',
    when: 'in the middle',
    what(stage) {
      downs(stage)
      stage.first.signal('SIGKILL')
    },
    ...byTime,
  }),
  fallen('the API server is down', /API server/, downs),
  followed('AWS throttles the first calls', {
    because: 'the lookout asks again by itself, at half of the rate',
    when: 'before',
    what: ({ aws }) => void aws.faults.add({ kind: 'throttle', times: 3 }),
  }),
  {
    fault: 'AWS throttles all calls',
    comesOut: '`fallback`',
    byWhen: 'at the deadline: throttling is no outage, and others need the API more',
    async play(t) {
      const [graceMs, reserveMs] = [14_000, 3_000]
      const stage = await stageFor(t, { env: soon, gracePeriodMs: graceMs })
      const left = await leave(stage, 'before', () => {
        stage.aws.faults.add({ kind: 'throttle' })
      })
      t.match(left, { outcome: 'fallback', because: /no turn yet: AWS allows no more calls/ })
      const [least, most] = [graceMs - reserveMs - 1_000, graceMs - reserveMs + 1_500]
      const heldMs = left.heldSeconds * 1_000
      t.ok(heldMs > least && heldMs < most, `held for ${heldMs} ms`)
    },
  },
  fallen(
    'AWS denies the lookouts',
    /allow elasticloadbalancing:DescribeTargetHealth for arn:/,
    ({ aws }) => void aws.faults.add({ kind: 'denied' }),
  ),
]

function downs({ kubernetes }: LookoutStage): void {
  kubernetes.server.break('/', { kind: 'status', code: 503 })
}
