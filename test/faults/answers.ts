/** What can be wrong with AWS's answers. */
import type { FaultRule } from '../../lab/elbv2/faults.ts'
import { clock } from '../../src/time/clock.ts'
import type { Row } from './rows.ts'
import {
  alwaysAndForAWhile,
  deregister,
  fellBack,
  hook,
  leave,
  pause,
  pod,
  register,
  soon,
  stageFor,
  times,
  wasFollowed,
} from './stage.ts'

const atFallback =
  'at `FALLBACK_SECONDS`, never before; or five seconds after the first look, where that is later'
const atTrueEnd = 'at the true end: when no listing has the pod any more'

/** A fault that is met at every look, and then one that passes. */
function fault(
  name: string,
  kind: Exclude<FaultRule['kind'], 'slow' | 'throttle'>,
  because: RegExp,
): Row {
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
  {
    fault: 'DescribeTargetHealth: throttled at every look',
    comesOut: '`fallback`',
    byWhen: 'at the deadline: throttling is no outage, and others need the API more',
    async play(t) {
      const stage = await stageFor(t)
      stage.aws.faults.add({ kind: 'throttle' })
      const { report, heldMs } = await leave(stage, await stage.start(soon))
      t.match(report, { outcome: 'fallback', because: /throttled/ })
      const deadlineMs = times.graceMs - times.reserveMs
      t.ok(heldMs >= deadlineMs && heldMs < deadlineMs + times.slackMs, `held for ${heldMs} ms`)
    },
  },
  {
    fault: 'DescribeTargetHealth: throttled once',
    comesOut: '`deregistered`: the controller goes first for 20 s, then it looks again',
    byWhen: atTrueEnd,
    async play(t) {
      const stage = await stageFor(t, { delayMs: 32_000 })
      stage.aws.faults.add({ kind: 'throttle', action: 'DescribeTargetHealth', times: 1 })
      const released = await leave(stage, await stage.start({ GRACE_PERIOD_SECONDS: '60' }))
      wasFollowed(stage, released)
      t.match(released.report, { throttled: 1 })
    },
  },
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
      wasFollowed(stage, await leave(stage, sidecar))
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
      wasFollowed(stage, await leave(stage, sidecar))
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
      const released = await leave(stage, await stage.start(soon))
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
        // Once it was seen.
        while (stage.aws.calls.count({ action: 'DescribeTargetHealth', code: 'OK' }) < 1)
          await pause(50)
        for (const arn of stage.groups) stage.registry.deleteGroup(arn)
        stage.leftAtMs = clock.now()
      })
      wasFollowed(stage, released)
      t.match(released.report, { outcome: 'deregistered' })
    },
  },
  {
    fault: '`TARGET_GROUP_ARNS` names a group that does not exist',
    comesOut: '`fallback`: a wrong name proves nothing',
    byWhen: atFallback,
    async play(t) {
      const stage = await stageFor(t)
      for (const arn of stage.groups) stage.registry.deleteGroup(arn)
      const released = await hook(stage, await stage.start(soon))
      fellBack(stage, released, /does not exist: mend TARGET_GROUP_ARNS/)
    },
  },
  {
    fault: 'the pod is registered on another port as well, for longer',
    comesOut: '`deregistered`',
    byWhen: 'when both have gone',
    async play(t) {
      const stage = await stageFor(t)
      const [arn = ''] = stage.groups
      const second = { ...pod, port: 9_090 }
      register(stage.registry, arn, second)
      const released = await leave(stage, await stage.start(), async () => {
        await deregister(stage)
        await pause(4_000)
        stage.registry.deregister(arn, [second])
        stage.leftAtMs = clock.now()
      })
      wasFollowed(stage, released)
      t.match(released.report, { outcome: 'deregistered' })
    },
  },
  {
    fault: 'the group is on no listener any more',
    comesOut: '`deregistered`: a listener may be switched to it a moment later',
    byWhen: atTrueEnd,
    async play(t) {
      const stage = await stageFor(t, { attached: 'detached' })
      wasFollowed(stage, await leave(stage, await stage.start()))
    },
  },
]
