/** What can be wrong with AWS's answers. */
import type { FaultRule } from '../../lab/elbv2/faults.ts'
import type { Row } from './rows.ts'
import {
  alwaysAndForAWhile,
  deregister,
  fellBack,
  leave,
  pause,
  pod,
  register,
  soon,
  stageFor,
  times,
  wasFollowed,
} from './stage.ts'

const atFallback = 'at `FALLBACK_SECONDS`, never before'
const atTrueEnd = 'at the true end: when no listing has the pod any more'

/** A fault that is met at every look, and then one that passes. */
function fault(name: string, kind: Exclude<FaultRule['kind'], 'slow'>, because: RegExp): Row {
  return {
    fault: `DescribeTargetHealth: ${name}`,
    comesOut: 'always: `fallback`; for a while: `deregistered`',
    byWhen: `always: ${atFallback}; for a while: ${atTrueEnd}`,
    play: (t) => alwaysAndForAWhile(t, kind, because),
  }
}

/** An endpoint where no answer comes from at all. */
function endpoint(name: string, url: (lab: string) => string, because: RegExp): Row {
  return {
    fault: name,
    comesOut: '`fallback`',
    byWhen: atFallback,
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start({
        ...soon,
        AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: url(stage.aws.url),
        AWS_ENDPOINT_URL: url(stage.aws.url),
      })
      fellBack(stage, await leave(stage, sidecar), because)
    },
  }
}

export const rows: readonly Row[] = [
  endpoint('connection refused', () => 'http://127.0.0.1:1', /ECONNREFUSED/),
  endpoint('DNS failure', () => 'http://nowhere.invalid', /ENOTFOUND|EAI_AGAIN/),
  endpoint('TLS failure', (url) => url.replace('http:', 'https:'), /no answer/),
  fault('reset in the middle of the body', 'reset', /no answer/),
  fault('nothing, not even headers', 'hang', /no answer/),
  fault('headers, and then nothing', 'hang-in-body', /no answer/),
  fault('500', 'internal-failure', /answered 500/),
  fault('throttled', 'throttle', /throttled/),
  fault('permission denied', 'denied', /allow elasticloadbalancing:DescribeTargetHealth for arn:/),
  fault('credentials expired, then refreshed', 'expired', /not valid any more/),
  fault('truncated XML', 'truncated', /DescribeTargetHealth/),
  fault("a proxy's HTML page", 'garbage', /DescribeTargetHealth/),
  fault('200 with an empty body', 'empty-body', /DescribeTargetHealth/),
  fault('200 without a list', 'missing-list', /without a list/),
  {
    fault: "DescribeTargetHealth: 200 with another pod's entry only, once",
    comesOut:
      '`deregistered`: an absence is believed only when it is seen again some seconds later',
    byWhen: atTrueEnd,
    async play(t) {
      const stage = await stageFor(t)
      stage.aws.faults.add({ kind: 'other-pod', times: 1 })
      const sidecar = await stage.start()
      wasFollowed(stage, await leave(stage, sidecar, () => deregister(stage, 6_500)))
    },
  },
  {
    fault: 'DescribeTargetHealth: an answer of 10 MB, twice',
    comesOut: '`deregistered`; the long ones are refused before they are parsed',
    byWhen: atTrueEnd,
    async play(t) {
      const stage = await stageFor(t)
      stage.aws.faults.add({ kind: 'huge', times: 2 })
      const sidecar = await stage.start()
      wasFollowed(stage, await leave(stage, sidecar, () => deregister(stage, 7_000)))
    },
  },
  {
    fault: 'the zone of the target changes, and a look with the old one is refused',
    comesOut: '`deregistered`',
    byWhen: `${atTrueEnd}, the second registration included`,
    async play(t) {
      const stage = await stageFor(t, { delayMs: 8_000 })
      const sidecar = await stage.start()
      const [arn = ''] = stage.groups
      const looked = async (times: number) => {
        while (stage.aws.calls.count({ action: 'DescribeTargetHealth', code: 'OK' }) < times)
          await pause(50)
      }
      const released = await leave(stage, sidecar, async () => {
        await looked(1)
        await deregister(stage, 0)
        // Once it was seen to drain it is named, with its first zone.
        await looked(2)
        register(stage.registry, arn, { ...pod, zone: 'eu-west-1b' })
        await pause(5_000)
        stage.registry.deregister(arn, [pod])
      })
      wasFollowed(stage, released)
      const refused = { action: 'DescribeTargetHealth', code: 'ValidationError' }
      t.ok(stage.aws.calls.count(refused) > 0, 'a look was refused')
    },
  },
  {
    fault: "the node's clock is an hour off",
    comesOut: '`deregistered`: the second look corrects it',
    byWhen: atTrueEnd,
    async play(t) {
      const stage = await stageFor(t, { skewMs: 3_600_000 })
      wasFollowed(stage, await leave(stage, await stage.start()))
    },
  },
  {
    fault: 'STS down, with `ASSUME_ROLE_ARN`',
    comesOut: '`fallback`',
    byWhen: atFallback,
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start({
        ...soon,
        ASSUME_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
        AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
      })
      fellBack(stage, await leave(stage, sidecar), /ECONNREFUSED/)
    },
  },
  {
    fault: 'one of three groups cannot be looked at',
    comesOut: '`fallback`, and the other two are followed all the same',
    byWhen: 'when the last of the others is gone, not before `FALLBACK_SECONDS`',
    async play(t) {
      const stage = await stageFor(t, { groups: 3 })
      const [, second = ''] = stage.groups
      stage.aws.faults.add({ kind: 'denied', groupArn: second })
      const released = await leave(stage, await stage.start(soon), () => deregister(stage, 3_000))
      fellBack(stage, released, /allow elasticloadbalancing:DescribeTargetHealth/)
      t.strictSame(released.states, [], 'not before the true end of the others')
    },
  },
  {
    fault: 'the target group is deleted in the middle',
    comesOut: '`deregistered`',
    byWhen: 'when the settle time is over',
    async play(t) {
      const stage = await stageFor(t)
      const released = await leave(stage, await stage.start(), async () => {
        await pause(times.lagMs)
        for (const arn of stage.groups) stage.registry.deleteGroup(arn)
      })
      wasFollowed(stage, released)
      t.ok(released.heldMs >= times.lagMs + times.settleMs)
    },
  },
]
