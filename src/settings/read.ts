import { parseArgs } from 'node:util'
import { faultsBetween } from './between.ts'
import type { Setting } from './kinds.ts'
import { type Settings, settings } from './settings.ts'

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
  | { readonly kind: 'lookout'; readonly settings: Settings }
  | { readonly kind: 'wait'; readonly settings: Settings; readonly print: Print }
  | { readonly kind: 'drains'; readonly settings: Settings; readonly print: Print }
  | {
      readonly kind: 'doctor'
      /** What beats the settings of the sidecar that it looks at. */
      readonly flags: ReadonlyMap<string, string>
      readonly print: Print
      readonly of: Examined
    }
  /** One line for each fault, naming what is wrong and what is expected. */
  | { readonly kind: 'wrong'; readonly faults: readonly string[] }

/** What doctor looks at: the pod that it runs in, another one from outside, or all that have a sidecar. */
export type Examined =
  | { readonly kind: 'own' }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'all' }

/** Whether to print for programs, beside what is said to people. */
export type Print = 'text' | 'json'

/** Settings, and what is wrong with them. */
export interface Reading {
  /** What is wrong is as if it were not set. */
  readonly settings: Settings
  /** One line for each fault, naming what is wrong and what is expected. */
  readonly faults: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the command line and the environment. A flag beats the variable; an empty value is none, for
 * templates like to render settings that are not set as empty ones.
 */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const { flags, words, faults } = readFlags(args)
  if (flags.has('help')) return { kind: 'help' }
  if (flags.has('version')) return { kind: 'version' }
  const [command = 'serve', extra] = words
  const known = commands.find((one) => one === command)
  if (!known) faults.push(`'${oneLine(command)}' is not a command (${commands.join(', ')})`)
  if (extra !== undefined) faults.push(`'${oneLine(extra)}' is one word too many`)
  if (flags.has('json') && (known === 'serve' || known === 'lookout')) {
    faults.push('--json goes with wait, doctor and drains')
  }
  if (flags.has('pod') && known !== 'doctor') faults.push('--pod goes with doctor')
  const print = flags.has('json') ? 'json' : 'text'
  if (flags.has('all') && known !== 'doctor') faults.push('--all goes with doctor')
  if (flags.has('all') && flags.has('pod')) faults.push('--all and --pod do not go together')
  const of = flags.has('all') ? ({ kind: 'all' } as const) : readPodName(flags.get('pod'), faults)
  if (known === 'doctor' && faults.length === 0) return { kind: 'doctor', flags, print, of }
  if (known === 'drains') return readDrains(flags, environment, print, faults)
  // Doctor needs no settings, and whoever asks for no command has none to set.
  const needsSettings = known === 'serve' || known === 'wait' || known === 'lookout'
  if (!needsSettings) return { kind: 'wrong', faults }
  const reading = readSettings(flags, environment, known === 'lookout' ? 'lookout' : 'pod')
  const all = [...faults, ...reading.faults]
  if (all.length > 0) return { kind: 'wrong', faults: all }
  const { settings } = reading
  return known === 'wait' ? { kind: 'wait', settings, print } : { kind: known, settings }
}

const commands = ['serve', 'wait', 'lookout', 'doctor', 'drains'] as const

/** It asks what listens here: where that is has to be right, and nothing else. */
function readDrains(
  flags: ReadonlyMap<string, string>,
  environment: Environment,
  print: Print,
  faults: readonly string[],
): CommandLine {
  const reading = readSettings(flags, environment)
  const address = reading.faults.filter((fault) => fault.startsWith('LISTEN_ADDRESS:'))
  const all = [...faults, ...address]
  if (all.length > 0) return { kind: 'wrong', faults: all }
  return { kind: 'drains', settings: reading.settings, print }
}

/** Reads the settings by themselves. */
export function readSettings(
  flags: ReadonlyMap<string, string>,
  environment: Environment,
  forWhom: 'pod' | 'lookout' = 'pod',
): Reading {
  const fine: Partial<Record<keyof Settings, unknown>> = {}
  const unset: Partial<Record<keyof Settings, unknown>> = {}
  const faults: string[] = []
  for (const name of names) {
    const text = (flags.get(flagOf(name)) ?? environment[name] ?? '').trim()
    const setting: Setting<unknown> = settings[name]
    const reading = setting.read(text)
    if ('value' in reading) fine[name] = reading.value
    else {
      faults.push(faultOf(name, setting, reading.wrong))
      const none = setting.read('')
      unset[name] = 'value' in none ? none.value : undefined
    }
  }
  faults.push(...faultsBetween(fine as Partial<Settings>, environment, forWhom))
  return { settings: { ...fine, ...unset } as Settings, faults }
}

function readPodName(text: string | undefined, faults: string[]): Examined {
  if (text === undefined) return { kind: 'own' }
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9][a-z0-9.-]*)$/.exec(text) ?? []
  if (namespace && name) return { kind: 'pod', namespace, name }
  faults.push(`--pod: '${oneLine(text)}' is not a pod, like shop/web-5d8f6`)
  return { kind: 'own' }
}

function faultOf(name: string, { expected, shown }: Setting<unknown>, wrong: string): string {
  const value = shown === 'secret' ? 'its value' : `'${oneLine(wrong)}'`
  return `${name}: ${value} is not ${expected}`
}

/** Tells a command line's flags from its words, and what is wrong with them. */
export function readFlags(args: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    json: { type: 'boolean' },
    all: { type: 'boolean' },
    pod: { type: 'string' },
    ...Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }])),
  } as const
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const flags = new Map<string, string>()
  const words: string[] = []
  const faults: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const takesValue = token.name === 'pod' || names.some((name) => flagOf(name) === token.name)
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
