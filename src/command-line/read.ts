import { parseArgs } from 'node:util'
import { faultsBetween, type Settings, settings } from '../settings.ts'
import type { Setting } from './kinds.ts'

const names = Object.keys(settings) as (keyof Settings)[]

/** `TARGET_GROUP_ARNS` -> `target-group-arns` */
export function flagOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly settings: Settings }
  | { readonly kind: 'wait'; readonly settings: Settings; readonly print: 'nothing' | 'json' }
  /** One line for each fault, naming what is wrong and what is expected. */
  | { readonly kind: 'wrong'; readonly faults: readonly string[] }

/**
 * Reads the command line and the environment. A flag beats the variable; an empty value is none, for
 * templates like to render settings that are not set as empty ones.
 */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { flags, words, faults } = readFlags(args)
  if (flags.has('help')) return { kind: 'help' }
  if (flags.has('version')) return { kind: 'version' }
  const [command = 'serve', extra] = words
  if (command !== 'serve' && command !== 'wait') {
    faults.push(`'${oneLine(command)}' is not a command (serve, wait)`)
  }
  if (flags.has('json') && command !== 'wait') faults.push('--json goes with the command wait')
  if (extra !== undefined) faults.push(`'${oneLine(extra)}' is one word too many`)
  const values: Partial<Record<keyof Settings, unknown>> = {}
  for (const name of names) {
    const text = (flags.get(flagOf(name)) ?? environment[name] ?? '').trim()
    const setting: Setting<unknown> = settings[name]
    const reading = setting.read(text)
    if ('value' in reading) values[name] = reading.value
    else faults.push(faultOf(name, setting, reading.wrong))
  }
  faults.push(...faultsBetween(values as Partial<Settings>, environment))
  if (faults.length > 0) return { kind: 'wrong', faults }
  const read = values as Settings
  return command === 'wait'
    ? { kind: 'wait', settings: read, print: flags.has('json') ? 'json' : 'nothing' }
    : { kind: 'serve', settings: read }
}

function faultOf(name: string, { expected, shown }: Setting<unknown>, wrong: string): string {
  const value = shown === 'secret' ? 'its value' : `'${oneLine(wrong)}'`
  return `${name}: ${value} is not ${expected}`
}

function readFlags(args: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    json: { type: 'boolean' },
    ...Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }])),
  } as const
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const flags = new Map<string, string>()
  const words: string[] = []
  const faults: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const takesValue = names.some((name) => flagOf(name) === token.name)
    if (!Object.hasOwn(options, token.name)) {
      faults.push(`'${oneLine(token.rawName)}' is not a flag: see --help`)
    } else if (!takesValue && token.value !== undefined) {
      faults.push(`${token.rawName} takes no value`)
    } else if (takesValue && token.value === undefined) {
      faults.push(`${token.rawName}: its value is missing`)
    } else {
      flags.set(token.name, token.value ?? '')
    }
  }
  return { flags, words, faults }
}

/** A value in an error: no line breaks, and no more of it than tells it apart. */
function oneLine(value: string): string {
  const printable = value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  return printable.length > 200 ? `${printable.slice(0, 199)}…` : printable
}
