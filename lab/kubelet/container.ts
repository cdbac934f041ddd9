import type { Agent } from 'node:http'
import type { Clock } from '../../src/time/clock.ts'
import type { Network } from '../network.ts'
import { runHook } from './hook.ts'
import { watchReadiness } from './probe.ts'
import type { Exit, Processes, Running } from './processes.ts'
import type { ContainerSpec, Hook, LogLine, Place, PodStep } from './spec.ts'

export interface ContainerDeps {
  spec: ContainerSpec
  place: Place
  network: Network
  processes: Processes
  agent: Agent
  clock: Clock
  secondMs: number
  signal: AbortSignal
  emit(event: PodStep): void
  log?: ((line: LogLine) => void) | undefined
  /** Called when the container's readiness may have changed. */
  changed(): void
}

/** What there is to tell of a container. Times are on the kubelet's clock. */
export interface ContainerReport {
  name: string
  running: boolean
  ready: boolean
  /** How often it was started again. */
  restarts: number
  /** When its present, or last, process started. */
  startedMs: number
  /** How the process ended that ended last. */
  lastExit: (Exit & { startedMs: number; finishedMs: number }) | undefined
}

/** One container of a pod, through all its processes. */
export interface Container {
  readonly name: string
  start(): void
  running(): boolean
  ready(): boolean
  report(): ContainerReport
  /** Resolves when the present process has exited. */
  exited(): Promise<void>
  /** Starts the preStop hook, if there is one; resolves when the hook itself ends. */
  hook(): Promise<void> | undefined
  /** SIGTERM to the main process; false when it has already exited. */
  terminate(detail: string): boolean
  /** SIGKILL to everything in the container that is still there. */
  kill(): void
}

/** A container that is not started yet. */
export function createContainer(deps: ContainerDeps): Container {
  const { spec, emit } = deps
  const container = spec.name
  const beside = createExecs(deps)
  const main = createMain(deps, beside.kill)

  async function runPreStop(hook: Hook): Promise<void> {
    emit({ container, kind: 'hook-started' })
    const { kind, detail } = await runHook(hook, { ...deps, ip: deps.place.ip, exec: beside.exec })
    emit({ container, kind: kind === 'ended' ? 'hook-ended' : 'hook-failed', detail })
  }

  return {
    ...main,
    name: container,
    hook: () => spec.preStop && runPreStop(spec.preStop),
    terminate(detail) {
      if (!main.running()) return false
      emit({ container, kind: 'sigterm', detail })
      main.signal('SIGTERM')
      return true
    },
    kill() {
      if (!main.running()) return
      emit({ container, kind: 'sigkill' })
      main.signal('SIGKILL')
    },
  }
}

// The container's own process: the one that is probed, and that gets the signals.
function createMain(deps: ContainerDeps, exits: () => void) {
  const { spec, emit } = deps
  const container = spec.name
  let main: Running | undefined
  let exited = Promise.resolve()
  let ready = false
  let starts = 0
  let startedMs = 0
  let lastExit: ContainerReport['lastExit']

  const setReady = (now: boolean) => {
    ready = now
    deps.changed()
  }

  return {
    start() {
      const over = new AbortController()
      main = launch(deps, spec.command)
      starts += 1
      startedMs = deps.clock.now()
      emit({ container, kind: 'started' })
      deps.changed()
      exited = main.exited.then(({ code, signal }) => {
        over.abort()
        exits()
        ready = false
        lastExit = { code, signal, startedMs, finishedMs: deps.clock.now() }
        emit({ container, kind: 'exited', detail: signal ?? `code ${code}` })
        setReady(false)
      })
      const signal = AbortSignal.any([deps.signal, over.signal])
      if (spec.readiness === undefined) setReady(true)
      else void watchReadiness(spec.readiness, { ...deps, ip: deps.place.ip, signal, setReady })
    },
    running: () => main !== undefined && !main.over(),
    ready: () => ready,
    report: () => ({
      ...{ name: container, running: main !== undefined && !main.over(), ready },
      ...{ restarts: Math.max(0, starts - 1), startedMs, lastExit },
    }),
    exited: () => exited,
    signal: (name: 'SIGTERM' | 'SIGKILL') => main?.signal(name),
  }
}

// What hooks run beside it, and what dies with it.
function createExecs(deps: ContainerDeps) {
  const running = new Set<Running>()
  return {
    exec(command: [string, ...string[]]): Running {
      const process = launch(deps, command)
      running.add(process)
      void process.exited.then(() => running.delete(process))
      return process
    },
    kill() {
      for (const each of running) each.signal('SIGKILL')
    },
  }
}

function launch(deps: ContainerDeps, command: readonly [string, ...string[]]): Running {
  const { log, place, spec } = deps
  const line = log && ((text: string) => log({ pod: place.pod, container: spec.name, text }))
  return deps.processes.start(command, environment(spec, place), line)
}

function environment(spec: ContainerSpec, place: Place): Record<string, string> {
  const port = spec.port === undefined ? undefined : place.loopbackPort(spec.port)
  return {
    HOST: '127.0.0.1',
    ...(port === undefined ? {} : { PORT: String(port) }),
    POD_NAME: place.pod,
    POD_IP: place.ip,
    ...spec.settings,
    ...spec.env?.(place),
  }
}
