import { type ContainerObject, isSidecar, type PodObject, runsDraingate } from '../cluster/pod.ts'
import { type Reading, readFlags, readSettings } from '../command-line/read.ts'

/** The sidecar; or the app that runs draingate itself. */
export function sidecarOf({ containers }: PodObject): ContainerObject | undefined {
  return containers.find(isSidecar) ?? containers.find(runsDraingate)
}

/** The settings that it runs with, as its pod's spec has them. */
export function readingOf(sidecar: ContainerObject): Reading {
  const environment = Object.fromEntries(sidecar.environment)
  const { flags, faults } = readFlags(argumentsOf(sidecar).map((word) => expand(word, environment)))
  const inCluster = { ...environment, KUBERNETES_SERVICE_HOST: 'its' }
  const reading = readSettings(flags, inCluster)
  return { ...reading, faults: [...faults, ...reading.faults] }
}

/** The words behind draingate's own name in a command line; or all, where its image names it. */
function argumentsOf(sidecar: ContainerObject): readonly string[] {
  const { command, args, hook } = sidecar
  const isHook = hook.kind === 'exec' && runsDraingate(sidecar)
  if (!isHook && command.length === 0) return args
  const line = isHook ? hook.command : [...command, ...args]
  const name = line.findLastIndex((word) => /(^|\/)draingate(\.js)?$/.test(word))
  return name < 0 ? [] : line.slice(name + 1)
}

/** `$(NAME)` is the value of a variable, where the container has it (Kubernetes, Container.args). */
function expand(word: string, environment: Readonly<Record<string, string>>): string {
  return word.replace(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole)
}
