/** npm run lab: a small cluster with two lookouts that stays up until Ctrl-C, to watch a drain in. */
import { createInterface } from 'node:readline'
import { clock } from '../../src/time/clock.ts'
import type { Pod } from '../kubelet/pod.ts'
import { told } from '../kubelet/told.ts'
import { createTown, pace, type Town } from './town.ts'

/** The kubelet puts new tokens where the old ones are long before these end. Milliseconds. */
const rotateMs = 20 * 60_000

const startedMs = clock.now()
const over = new AbortController()
process.once('SIGINT', () => over.abort())
process.once('SIGTERM', () => over.abort())

say('Starting two lookouts and three pods ...')
const town = await createTown(
  {
    event(event) {
      const text = told(event)
      if (text) tell(event.pod, text)
    },
    line({ pod, container, text }) {
      const { msg, level } = container === 'draingate' ? read(text) : {}
      if (msg && level !== 'warn' && msg !== 'pace of looks') tell(pod, `draingate: ${msg}`)
    },
  },
  clock,
)
try {
  const pods = await Promise.all([town.run(), town.run(), town.run()])
  say(guide(town, pods))
  createInterface({ input: process.stdin }).on('line', heed)
  await untilOver(town)
} finally {
  say('\nEnding.')
  await town.close()
  process.stdin.destroy()
}

async function untilOver({ rotate }: Town): Promise<void> {
  while (!over.signal.aborted) {
    await clock.sleepUntil(clock.now() + rotateMs, over.signal)
    rotate()
  }
}

/** A line that somebody typed. */
function heed(line: string): void {
  const name = line.trim()
  if (name === '') return
  const replaced = town.remove(name)
  if (replaced !== undefined) void tellOf(replaced, name)
  else say(`No pod ${name} that could be deleted. There are: ${names()}.`)
}

async function tellOf(replaced: Promise<Pod>, name: string): Promise<void> {
  try {
    const pod = await replaced
    say(`${pod.name} serves in the place of ${name}: curl -s ${town.hookUrl(pod)}/status`)
  } catch (error) {
    if (!over.signal.aborted) say(String(error))
  }
}

function names(): string {
  return town.cluster.kubelet
    .pods()
    .map(({ name }) => name)
    .join(', ')
}

function guide({ cluster, lookouts, entrances, hookUrl }: Town, [pod]: readonly Pod[]): string {
  if (!pod) return ''
  const { name } = pod
  const [lookout] = lookouts.all
  const inPod = `${entrances.folder}/${name}`
  const inLookout = `${entrances.folder}/${lookout?.name}`
  return `
Three pods (${names()}) behind a load balancer: ${cluster.url}
Its deregistration delay is ${pace.delayMs / 1_000} s, the pods' grace period ${pace.graceMs / 1_000} s. Their sidecars ask ${lookouts.all.length} lookouts.

To delete a pod, as kubectl would, type its name here and press Enter:

  ${name}

Another one takes its place. Meanwhile, in another terminal:

  the page of all drains   ${lookout?.ownUrl()}/
  the same as a table      ${inLookout} drains
  the drain of one pod     curl -s ${hookUrl(pod)}/status
  what a lookout counts    curl -s ${lookout?.ownUrl()}/metrics
  is all wired well?       ${inPod} doctor
  and that of every pod?   ${inLookout} doctor --all

The hook itself, as the kubelet calls it. For a pod that nobody deletes it is held for 15 s, as for a restart:

  curl ${hookUrl(pod)}/prestop

Ctrl-C ends all of it.
`
}

function read(text: string): { msg?: string; level?: string } {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function tell(pod: string, text: string): void {
  if (over.signal.aborted) return
  say(`${((clock.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${pod}  ${text}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
