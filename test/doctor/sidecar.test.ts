import t from 'tap'
import { readPod } from '../../src/cluster/pod.ts'
import { readingOf, sidecarOf } from '../../src/doctor/sidecar.ts'
import { podObject } from '../support/scripted-cluster.ts'

function reading(container: object) {
  const containers = [{ name: 'draingate', image: 'draingate:0.1.0', ...container }]
  const pod = readPod(podObject({ containers }))
  const sidecar = pod && sidecarOf(pod)
  if (!sidecar) throw new Error('no sidecar in this pod')
  const { settings, faults } = readingOf(sidecar)
  return { mode: settings.RELEASE_WHEN, faults }
}
const settled = { mode: 'settled', faults: [] }
const usual = { mode: 'deregistered', faults: [] }

t.test('settings by variable, and by flag', async (t) => {
  const env = [{ name: 'RELEASE_WHEN', value: 'idle' }]
  const args = ['--release-when', 'settled']
  t.strictSame(reading({}), usual)
  t.strictSame(reading({ env }), { mode: 'idle', faults: [] })
  t.strictSame(reading({ args }), settled)
  t.strictSame(reading({ env, args }), settled, 'a flag beats the variable')
})

t.test('behind its own name, whatever runs it', async (t) => {
  const node = ['/usr/local/bin/node', '--optimize-for-size', '/app/dist/draingate.js']
  t.strictSame(reading({ command: [...node, '--release-when=settled'] }), settled)
  t.strictSame(reading({ command: node, args: ['serve', '--release-when', 'settled'] }), settled)
  t.strictSame(reading({ command: ['/entry.sh'], args: ['--release-when=settled'] }), usual)
  const exec = (command: string[]) => ({
    name: 'app',
    lifecycle: { preStop: { exec: { command } } },
  })
  const wait = ['draingate', 'wait', '--release-when=settled']
  t.strictSame(reading({ ...exec(wait), image: 'web', args: ['--port=80'] }), settled)
})

t.test('a value that is taken from a variable', async (t) => {
  const env = [{ name: 'MODE', value: 'settled' }]
  t.strictSame(reading({ env, args: ['--release-when=$(MODE)'] }), settled)
  t.match(reading({ args: ['--release-when=$(MODE)'] }).faults, [/^RELEASE_WHEN: '\$\(MODE\)'/])
})

t.test('what the sidecar would refuse', async (t) => {
  t.match(reading({ args: ['--release-now'] }).faults, [
    "'--release-now' is not a flag: see --help",
  ])
})
