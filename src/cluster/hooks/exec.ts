import { draingateArguments, programOf, stepsOf } from './command.ts'
import { astray, type Call, cannotTell, type Where } from './reach.ts'
import type { Step } from './script.ts'
import { urlCall } from './url.ts'

/** What an exec hook comes to: it has to run `draingate wait`, or to call the sidecar. */
export function execCall(command: readonly string[], where: Where): Call {
  const steps = stepsOf(command)
  if (!steps) return cannotTell(unread(command))
  const calls = steps.map((step) => stepCall(step, where))
  const nth = calls.findIndex(({ kind }) => kind === 'held')
  if (nth >= 0 && isReached(steps, nth)) return { kind: 'held' }
  if (nth >= 0) return cannotTell(`runs ${shown(command)}, which may not wait for draingate`)
  return (
    calls.find(({ kind }) => kind === 'astray') ??
    calls.find(({ kind }) => kind === 'cannot-tell') ?? { kind: 'none' }
  )
}

/** Whether a step of a script is taken in any case. What is before an `&&` may fail, but for a few. */
function isReached(steps: readonly Step[], nth: number): boolean {
  const runs = steps[nth]?.runs
  const before = steps.slice(0, nth)
  return (
    runs === 'always' || (runs === 'on-success' && before.every(({ words }) => succeeds(words)))
  )
}

const succeeds = (words: readonly string[]) =>
  /^(sleep|echo|printf|true|:|date)$/.test(programOf(words))

function stepCall({ words }: Step, where: Where): Call {
  const own = draingateArguments(words)
  if (own?.includes('wait')) return { kind: 'held' }
  if (own) return astray('runs draingate without `wait`, which holds nothing', 'add it')
  const program = programOf(words)
  if (program === 'curl' || program === 'wget') return requestCall(words, where)
  const isPlain = plain.has(program) && !words.some((word) => /\$\(|`/.test(word))
  return isPlain ? { kind: 'none' } : cannotTell(unread(words))
}

/** Programs that call nobody; some of them end the app, as many a hook does. */
const plain = new Set([
  ...['sleep', 'echo', 'printf', 'true', 'false', ':', 'test', '[', 'cd', 'export', 'set', 'exit'],
  ...['wait', 'date', 'touch', 'rm', 'kill', 'pkill', 'killall', 'nginx', 'apachectl', 'httpd'],
])

function requestCall(words: readonly string[], where: Where): Call {
  const calls = words.slice(1).map((word) => urlCall(word, where))
  const held = calls.find(({ kind }) => kind === 'held')
  const rest =
    calls.find(({ kind }) => kind === 'astray') ?? calls.find(({ kind }) => kind === 'cannot-tell')
  const cut = held && shortOf(words, where)
  return cut ?? held ?? rest ?? { kind: 'none' }
}

/** What keeps a request that comes to the right place from being held to the end. */
function shortOf(words: readonly string[], { graceMs }: Where): Call | undefined {
  if (words.some((word) => /^(-[a-zA-Z]*I[a-zA-Z]*|--head|--spider)$/.test(word))) {
    return astray('calls draingate with HEAD, which holds nothing', 'let it GET')
  }
  // curl's; wget asks again after its own.
  const [, seconds] =
    /(?:^| )(?:-[a-zA-Z]*m|--max-time)[ =]?([\d.]+)(?: |$)/.exec(words.join(' ')) ?? []
  if (seconds === undefined || Number(seconds) * 1_000 >= graceMs) return undefined
  return astray(`gives up after ${seconds} s, and SIGTERM follows`, 'leave --max-time out')
}

const unread = (words: readonly string[]) =>
  `runs ${shown(words)}, and whether that calls draingate cannot be told`

/** A command in a line of the log. */
function shown(words: readonly string[]): string {
  const line = words.join(' ').replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
