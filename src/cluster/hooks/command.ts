import { readScript, type Step } from './script.ts'

/** The commands of an exec hook, those of a shell's script one by one; undefined where that is not read. */
export function stepsOf(command: readonly string[]): readonly Step[] | undefined {
  const words = unwrapped(command)
  const script = scriptOf(words)
  if (script === undefined) return words.length === 0 ? [] : [{ words, runs: 'always' }]
  const parts = readScript(script)?.map(({ words, runs }) =>
    stepsOf(words)?.map((inner) => ({ ...inner, runs: both(runs, inner.runs) })),
  )
  return parts?.every((part) => part !== undefined) ? parts.flat() : undefined
}

/** What may keep a command of a script within a script from being run. */
function both(outer: Step['runs'], inner: Step['runs']): Step['runs'] {
  if (outer === 'always') return inner
  return inner === 'always' ? outer : 'perhaps'
}

/** The program of a command, without its folder. */
export function programOf([first = '']: readonly string[]): string {
  return first.replace(/^.*\//, '')
}

/** The arguments of draingate, where it is what a command runs; undefined where it is not. */
export function draingateArguments(words: readonly string[]): readonly string[] | undefined {
  const name = nodes.test(programOf(words))
    ? words.findIndex((word, nth) => nth > 0 && !word.startsWith('-'))
    : 0
  return /^draingate(\.js)?$/.test(programOf(words.slice(name))) ? words.slice(name + 1) : undefined
}

const nodes = /^node(js)?$/
const shells = /^(ba|da|a|k|z)?sh$/

/** `sh -c SCRIPT`, `bash -ec SCRIPT`. */
function scriptOf(words: readonly string[]): string | undefined {
  if (!shells.test(programOf(words))) return undefined
  const flag = words.findIndex((word, nth) => nth > 0 && /^-[a-z]*c[a-z]*$/.test(word))
  // What is before it must be flags, too: `sh wait.sh -c` runs a file.
  const isScript = flag > 0 && words.slice(1, flag).every((word) => word.startsWith('-'))
  return isScript ? words[flag + 1] : undefined
}

const wrappers = ['exec', 'command', 'env', 'busybox', 'nohup', 'tini', 'dumb-init']

/** Without the variables that are set for a command, and without what only passes it on. */
function unwrapped(words: readonly string[]): readonly string[] {
  // A variable's value may be the outcome of another command.
  const isAround = (word: string) =>
    /^\w+=(?!.*(\$\(|`))/.test(word) || wrappers.includes(programOf([word])) || word.startsWith('-')
  const first = words.findIndex((word) => !isAround(word))
  return first < 0 ? [] : words.slice(first)
}
