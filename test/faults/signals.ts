/** What can happen to the process. */
import { clock } from '../../src/time/clock.ts'
import type { Row } from './rows.ts'
import {
  deregister,
  fellBack,
  hook,
  leave,
  pause,
  register,
  soon,
  stageFor,
  started,
  times,
  wasFollowed,
} from './stage.ts'

export const rows: readonly Row[] = [
  {
    fault: 'frozen over the end of the drain, and the pod registered again meanwhile',
    comesOut: '`deregistered`, by looks that began after the freeze',
    byWhen: 'at the true end of the second registration',
    async play(t) {
      const stage = await stageFor(t)
      const sidecar = await stage.start({ GRACE_PERIOD_SECONDS: '60' })
      const [arn = ''] = stage.groups
      const released = await leave(stage, sidecar, async () => {
        await deregister(stage, 0)
        await pause(500)
        sidecar.kill('SIGSTOP')
        await pause(times.delayMs + 1_000)
        register(stage.registry, arn)
        sidecar.kill('SIGCONT')
        await pause(3_000)
        t.match(stage.registry.describe(arn), [{ state: 'healthy' }])
        await deregister(stage, 0)
      })
      wasFollowed(stage, released)
      t.ok(released.heldMs >= 2 * times.delayMs, 'not while it was registered')
    },
  },
  {
    fault: 'SIGTERM before the hook',
    comesOut: '`deregistered`; exit code 0',
    byWhen: 'at the true end',
    async play(t) {
      const { stage, sidecar } = await started(t)
      sidecar.kill('SIGTERM')
      while (!sidecar.log().includes('SIGTERM')) await pause(10)
      wasFollowed(stage, await leave(stage, sidecar))
      t.equal(await sidecar.ended, 0)
    },
  },
  {
    fault: 'SIGTERM while the hook is held, twice',
    comesOut: '`deregistered`; exit code 0',
    byWhen: 'at the true end',
    async play(t) {
      const { stage, sidecar } = await started(t)
      const released = await leave(stage, sidecar, async () => {
        await pause(500)
        sidecar.kill('SIGTERM')
        await deregister(stage)
        sidecar.kill('SIGTERM')
      })
      wasFollowed(stage, released)
      t.equal(await sidecar.ended, 0)
    },
  },
  {
    fault: 'SIGTERM after the hook',
    comesOut: '`deregistered`; exit code 0',
    byWhen:
      'at the true end; it ends five seconds later, for nobody told it that the pod is deleted',
    async play(t) {
      const { stage, sidecar } = await started(t)
      wasFollowed(stage, await leave(stage, sidecar))
      sidecar.kill('SIGTERM')
      const fromMs = clock.now()
      t.equal(await sidecar.ended, 0)
      const tookMs = clock.now() - fromMs
      t.ok(tookMs >= 4_900 && tookMs < 5_000 + times.slackMs, `ended after ${tookMs} ms`)
    },
  },
  {
    fault: 'the pod is registered again after its drain, and another hook comes',
    comesOut: '`deregistered`, by looks of its own: it may have been the hook of a restart',
    byWhen: 'at the true end of the second registration',
    async play(t) {
      const { stage, sidecar } = await started(t)
      const [arn = ''] = stage.groups
      wasFollowed(stage, await leave(stage, sidecar))
      register(stage.registry, arn)
      wasFollowed(stage, await leave(stage, sidecar))
    },
  },
  {
    fault: 'SIGTERM just after a hook that fell back, and then another hook',
    comesOut: '`deregistered`: the hook of a restart may be followed by that of a deletion',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      stage.aws.faults.add({ kind: 'internal-failure', action: 'DescribeTargetHealth' })
      const sidecar = await stage.start(soon)
      fellBack(stage, await hook(stage, sidecar), /./)
      stage.aws.faults.clear()
      sidecar.kill('SIGTERM')
      await pause(1_000)
      wasFollowed(stage, await leave(stage, sidecar))
      t.equal(await sidecar.ended, 0)
    },
  },
  {
    fault: 'SIGTERM just before a hook falls back, and then another hook',
    comesOut: '`deregistered`: the hook of a restart may be followed by that of a deletion',
    byWhen: 'at the true end',
    async play(t) {
      const stage = await stageFor(t)
      stage.aws.faults.add({ kind: 'internal-failure', action: 'DescribeTargetHealth' })
      const sidecar = await stage.start(soon)
      const first = hook(stage, sidecar)
      await pause(3_000)
      sidecar.kill('SIGTERM')
      fellBack(stage, await first, /./)
      stage.aws.faults.clear()
      wasFollowed(stage, await leave(stage, sidecar))
      t.equal(await sidecar.ended, 0)
    },
  },
]
