import { createHttpsApi } from '../cluster/api/https.ts'
import { createKubectlApi } from '../cluster/api/kubectl.ts'
import type { PodName } from '../cluster/api/place.ts'
import { askPod } from '../cluster/finding/api-source.ts'
import type { PodObject } from '../cluster/objects/pod.ts'
import { eyesOf, type Reach } from '../compose/eyes.ts'
import { placeFor } from '../compose/place.ts'
import type { Failure } from '../drain/ports.ts'
import { type CommandLine, readSettings } from '../settings/read.ts'
import { looksItself, type Settings } from '../settings/settings.ts'
import { clock } from '../time/clock.ts'
import { allRows } from './all.ts'
import { examine, type Scene } from './examine.ts'
import { examineOutside } from './outside.ts'
import { fail, type Row, tableOf, warn } from './row.ts'
import { readingOf, sidecarOf } from './sidecar.ts'

type Asked = CommandLine & { kind: 'doctor' }
type Flags = Asked['flags']

const never = new AbortController().signal

/** Checks all that a drain needs, as far as it can be reached. The exit code is 1 when a check fails. */
export async function doctor(asked: Asked): Promise<void> {
  const rows = await rowsOf(asked)
  const text = asked.print === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : tableOf(rows)
  const code = rows.some(({ state }) => state === 'fail') ? 1 : 0
  // Not left to end by itself: a question that was given up may still be under way.
  process.stdout.write(text, () => process.exit(code))
}

function rowsOf({ of, flags }: Asked): Promise<Row[]> {
  switch (of.kind) {
    case 'own':
      return examineOwn(flags)
    case 'pod':
      return examineOther(of, flags)
    case 'all': {
      const place = placeFor(readSettings(flags, process.env).settings)
      const isInside = place.kind === 'pod'
      return allRows(isInside ? createHttpsApi(clock, place) : createKubectlApi(clock), flags)
    }
  }
}

/** Of the pod that this runs in. */
async function examineOwn(flags: Flags): Promise<Row[]> {
  const own = readSettings(flags, process.env)
  const place = placeFor(own.settings)
  if (place.kind !== 'pod' && own.settings.LOOKOUT_URL.length === 0) {
    const fix = 'run it in the pod (kubectl exec), or name one with --pod NAMESPACE/NAME'
    return [warn('cluster', place.said, fix), ...(await examine(own, sceneOf(own.settings)))]
  }
  const reach =
    place.kind === 'pod' ? { api: createHttpsApi(clock, place), name: place.pod } : undefined
  const scene = sceneOf(own.settings, reach)
  const pod = await scene.eyes.cluster?.pod.read(never)
  if (!pod) return examine(own, scene)
  if ('kind' in pod) return examine(own, { ...scene, unread: pod })
  const sidecar = sidecarOf(pod)
  if (!sidecar) return examine(own, scene)
  // What `kubectl exec` runs has the variables of the container, and not its flags.
  const { unread, ...reading } = readingOf(sidecar, flags, process.env)
  return [...unread, ...(await examine(reading, sceneOf(reading.settings, reach)))]
}

/** With the eyes that the settings name. */
function sceneOf(settings: Settings, reach?: Reach): Scene {
  const eyes = eyesOf(settings, reach, () => undefined)
  if (!looksItself(settings)) return { eyes }
  return { eyes, who: 'self', rules: reach && { ...reach, subject } }
}

const subject = { kind: 'self' } as const

/** Of another pod, through kubectl. */
async function examineOther(name: PodName, flags: Flags): Promise<Row[]> {
  const reach = { api: createKubectlApi(clock), name }
  const pod = await readPodOf(reach)
  if ('kind' in pod) return [fail('pod', pod.said)]
  const sidecar = sidecarOf(pod)
  if (!sidecar) return [fail('sidecar', `pod ${pod.name} has no container draingate`)]
  const { namespace, serviceAccount: account } = pod
  return examineOutside(reach, sidecar, flags, { kind: 'account', namespace, account })
}

async function readPodOf({ api, name }: Reach): Promise<PodObject | Failure> {
  return (await askPod(api, clock, name, never)).object
}
