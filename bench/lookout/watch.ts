import { setTimeout } from 'node:timers/promises'
import { request, type Server } from '../footprint/process.ts'
import { cpuMsOf, type Memory, memoryOf } from '../footprint/usage.ts'

/** What a lookout used while it was watched. */
export interface Watched {
  readonly lastedMs: number
  readonly cpuMs: number
  /** Of a core, in its busiest second. */
  readonly busiest: number
  /** The most at a time; undefined where there is no /proc. */
  readonly most: Memory | undefined
  /** Questions answered or refused, of all kinds. */
  readonly questions: number
  /** In the busiest second. */
  readonly mostQuestions: number
  /** What the slowest probe of /livez took. */
  readonly probeMs: number
}

const eachMs = 1_000

/** Watches until `work` is done. */
export async function watch<T>(
  { pid, url }: Server,
  work: Promise<T>,
): Promise<{ watched: Watched; came: T }> {
  const done = new AbortController()
  const end = () => done.abort()
  work.then(end, end)
  const startMs = performance.now()
  const startCpuMs = cpuMsOf(pid) ?? Number.NaN
  const startQuestions = await questionsAt(url)
  let watched = { busiest: 0, mostQuestions: 0, probeMs: 0 }
  let most: Memory | undefined
  let [lastMs, lastCpuMs, lastQuestions] = [startMs, startCpuMs, startQuestions]
  while (!done.signal.aborted) {
    await setTimeout(eachMs, undefined, { signal: done.signal }).catch(() => undefined)
    const askedMs = performance.now()
    await request(`${url}/livez`)
    const now = performance.now()
    const [cpuMs, questions] = [cpuMsOf(pid) ?? Number.NaN, await questionsAt(url)]
    const memory = memoryOf(pid)
    if (memory && memory.rss >= (most?.rss ?? 0)) most = memory
    const seconds = (now - lastMs) / 1_000
    if (seconds < 0.5) break
    watched = {
      busiest: Math.max(watched.busiest, (cpuMs - lastCpuMs) / (now - lastMs)),
      mostQuestions: Math.max(watched.mostQuestions, (questions - lastQuestions) / seconds),
      probeMs: Math.max(watched.probeMs, now - askedMs),
    }
    ;[lastMs, lastCpuMs, lastQuestions] = [now, cpuMs, questions]
  }
  const came = await work
  const lastedMs = performance.now() - startMs
  const cpuMs = (cpuMsOf(pid) ?? Number.NaN) - startCpuMs
  const questions = (await questionsAt(url)) - startQuestions
  return { came, watched: { ...watched, lastedMs, cpuMs, most, questions } }
}

async function questionsAt(url: string): Promise<number> {
  const metrics = await request(`${url}/metrics`)
  const counts = metrics.matchAll(/^draingate_lookout_questions_total\{[^}]*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}
