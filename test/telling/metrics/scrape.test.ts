import t from 'tap'
import { pause, pod, stageFor } from '../../faults/stage.ts'
import { read } from './read.ts'

const scrape = async (url: string) => read(await (await fetch(`${url}/metrics`)).text())

t.test('the real program, scraped before, in and after a drain', async (t) => {
  const stage = await stageFor(t)
  const { url, log, kill, ended } = await stage.start()
  const before = await scrape(url)
  t.equal(before.get('draingate_drain_in_progress'), 0)
  const hooks = [fetch(`${url}/prestop`), fetch(`${url}/prestop`)]
  while ((await scrape(url)).get('draingate_phase{phase="registered"}') !== 1) await pause(50)
  const during = await scrape(url)
  t.equal(during.get('draingate_drain_in_progress'), 1)
  t.equal(during.get('draingate_hooks_held'), 2)
  // Counted from the second hook, which came at about the same time.
  const deadline = during.get('draingate_deadline_seconds') ?? Number.NaN
  t.ok(deadline >= 38 && deadline < 58, `deadline at ${deadline} s`)
  for (const arn of stage.groups) stage.registry.deregister(arn, [pod])
  await Promise.all(hooks)
  const after = await scrape(url)
  const closing = log()
    .split('\n')
    .find((line) => line.includes('"outcome"'))
  const report = JSON.parse(closing ?? '{}')
  t.match(report, {
    outcome: 'deregistered',
    hooks: 2,
    heldSeconds: after.get('draingate_held_seconds'),
    throttled: after.get('draingate_throttled_total'),
    apiSeconds: after.get('draingate_api_seconds_total'),
  })
  t.equal(after.get('draingate_looks_total{result="seen"}'), report.looks)
  t.ok(report.looks >= 2 && report.apiSeconds > 0)
  t.equal(after.get('draingate_drains_total{outcome="deregistered"}'), 1)
  t.equal(after.get('draingate_hooks_held'), 0)
  t.equal(after.get('draingate_phase{phase="gone"}'), 1)
  t.notMatch([...after.keys()].join(), /arn:|10\.0\.1\.7/, 'no label has a name from outside')
  kill('SIGTERM')
  t.equal(await ended, 0)
})
