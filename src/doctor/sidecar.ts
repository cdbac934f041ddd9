import { draingateArguments, stepsOf } from '../cluster/hooks/command.ts'
import { type ContainerObject, isSidecar } from '../cluster/objects/container.ts'
import type { PodObject } from '../cluster/objects/pod.ts'
import { type Reading, readFlags, readSettings } from '../settings/read.ts'
import { type Row, warn } from './row.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The sidecar; or the app whose hook is the drain itself, from its own image. */
export function sidecarOf({ containers }: PodObject): ContainerObject | undefined {
  return containers.find(isSidecar) ?? containers.find((one) => waitArguments(one) !== undefined)
}

/** The arguments of `draingate wait`, where a container's hook runs it. */
function waitArguments({ hook }: ContainerObject): readonly string[] | undefined {
  const steps = hook.kind === 'exec' ? stepsOf(hook.command) : undefined
  return steps?.map(({ words }) => draingateArguments(words)).find((own) => own?.includes('wait'))
}

/** The environment that a container's spec gives it. What it takes from elsewhere is not in it. */
export function environmentOf({ environment }: ContainerObject): Environment {
  const known: Record<string, string> = {}
  for (const [name, value] of environment) known[name] = expand(value, known)
  return { ...known, KUBERNETES_SERVICE_HOST: 'its' }
}

/**
 * The settings that a sidecar runs with, and what of them was not read.
 *
 * @param flags These beat those of its own command line.
 */
export function readingOf(
  sidecar: ContainerObject,
  flags: ReadonlyMap<string, string>,
  environment: Environment,
): Reading & { readonly unread: readonly Row[] } {
  const words = argumentsOf(sidecar)
  // What comes from elsewhere is as if it were not set, in a flag as well.
  const missing = sidecar.environmentElsewhere.length > 0 ? '' : undefined
  const own = readFlags((words ?? []).map((word) => expand(word, environment, missing)))
  const reading = readSettings(new Map([...own.flags, ...flags]), environment)
  const unread = words ? [] : [unreadCommand(sidecar)]
  return { ...reading, faults: [...own.faults, ...reading.faults], unread }
}

function unreadCommand(sidecar: ContainerObject): Row {
  const { name, command, hook } = sidecar
  const [program] = hook.kind === 'exec' && !isSidecar(sidecar) ? hook.command : command
  const said = `the command of container ${name} (${program}) is not read: as if it gave no flags`
  return warn('settings', said, 'give them as variables, or call draingate without a shell')
}

/**
 * The words behind draingate's own name in a command line; or all, where its image names it. Undefined
 * where a shell may change them.
 */
function argumentsOf(sidecar: ContainerObject): readonly string[] | undefined {
  const { command, args } = sidecar
  const own = isSidecar(sidecar) ? undefined : waitArguments(sidecar)
  if (own) return own.some((word) => /[$`]/.test(word)) ? undefined : own
  if (command.length === 0) return args
  const line = [...command, ...args]
  const name = line.findLastIndex((word) => /(^|\/)draingate(\.js)?$/.test(word))
  return name < 0 ? undefined : line.slice(name + 1)
}

/**
 * `$(NAME)` is the value of a variable, where the container has it; `$$` is a `$` (Kubernetes API
 * reference, Container.args and EnvVar.value).
 */
function expand(text: string, environment: Environment, missing?: string): string {
  return text.replace(/\$(?:\$|\(([^()]+)\))/g, (whole, name?: string) =>
    name === undefined ? '$' : (environment[name] ?? missing ?? whole),
  )
}
