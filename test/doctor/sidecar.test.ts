import t from 'tap'
import { readPod } from '../../src/cluster/objects/pod.ts'
import { environmentOf, readingOf, sidecarOf } from '../../src/doctor/sidecar.ts'
import { podObject } from '../support/scripted-cluster.ts'

const none: ReadonlyMap<string, string> = new Map()

function reading(container: object, flags = none) {
  const containers = [{ name: 'draingate', image: 'draingate:0.1.0', ...container }]
  const pod = readPod(podObject({ containers }))
  const sidecar = pod && sidecarOf(pod)
  if (!sidecar) throw new Error('no sidecar in this pod')
  const { settings, faults, unread } = readingOf(sidecar, flags, environmentOf(sidecar))
  return { mode: settings.RELEASE_WHEN, faults, unread: unread.length }
}
const settled = { mode: 'settled', faults: [], unread: 0 }
const usual = { mode: 'deregistered', faults: [], unread: 0 }

t.test('settings by variable, and by flag', async (t) => {
  const env = [{ name: 'RELEASE_WHEN', value: 'idle' }]
  const args = ['--release-when', 'settled']
  t.strictSame(reading({}), usual)
  t.strictSame(reading({ env }), { ...usual, mode: 'idle' })
  t.strictSame(reading({ args }), settled)
  t.strictSame(reading({ env, args }), settled, 'a flag beats the variable')
  const ours = new Map([['release-when', 'idle']])
  t.strictSame(reading({ args }, ours), { ...usual, mode: 'idle' }, 'and ours beats both')
})

t.test('behind its own name, whatever runs it', async (t) => {
  const node = ['/usr/local/bin/node', '--optimize-for-size', '/app/dist/draingate.js']
  t.strictSame(reading({ command: [...node, '--release-when=settled'] }), settled)
  t.strictSame(reading({ command: node, args: ['serve', '--release-when', 'settled'] }), settled)
  const script = { ...usual, unread: 1 }
  t.strictSame(reading({ command: ['/entry.sh'], args: ['--release-when=settled'] }), script)
  t.strictSame(reading({ command: ['sh', '-c', 'draingate --release-when=settled'] }), script)
})

t.test("the hook of an app, and not the app's own command", async (t) => {
  const app = (...command: string[]) => ({
    ...{ name: 'app', image: 'web', args: ['--port=80'] },
    lifecycle: { preStop: { exec: { command } } },
  })
  t.strictSame(reading(app('draingate', 'wait', '--release-when=settled')), settled)
  const script = (text: string) => app('sh', '-c', text)
  t.strictSame(reading(script('sleep 1; exec draingate wait --release-when=settled')), settled)
  const filledIn = script('draingate wait --release-when=$MODE')
  t.strictSame(reading(filledIn), { ...usual, unread: 1 })
  const own = { lifecycle: { preStop: { exec: { command: ['draingate', 'wait', '--json'] } } } }
  t.strictSame(reading({ ...own, args: ['--release-when=settled'] }), settled, "the sidecar's own")
  for (const command of [['echo', 'draingate'], ['/opt/draingate-notes.sh'], ['draingate']]) {
    t.throws(() => reading(app(...command)), /no sidecar/, command.join(' '))
  }
})

t.test('a value that is taken from a variable', async (t) => {
  const env = [{ name: 'MODE', value: 'settled' }]
  t.strictSame(reading({ env, args: ['--release-when=$(MODE)'] }), settled)
  t.match(reading({ args: ['--release-when=$(MODE)'] }).faults, [/^RELEASE_WHEN: '\$\(MODE\)'/])
  t.match(reading({ env, args: ['--release-when=$$(MODE)'] }).faults, [/^RELEASE_WHEN: '\$\(MODE/])
  const also = [...env, { name: 'RELEASE_WHEN', value: '$(MODE)' }]
  t.strictSame(reading({ env: also }), settled)
  const envFrom = [{ configMapRef: { name: 'modes' } }]
  t.strictSame(reading({ envFrom, args: ['--release-when=$(MODE)'] }), usual, 'as if not set')
})

t.test('what the sidecar would refuse', async (t) => {
  t.match(reading({ args: ['--release-now'] }).faults, [
    "'--release-now' is not a flag: see --help",
  ])
})
