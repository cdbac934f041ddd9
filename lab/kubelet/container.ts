import type { Agent } from 'node:http'
import type { Clock } from '../../src/clock.ts'
import type { Network } from '../network.ts'
import { runHook } from './hook.ts'
import { watchReadiness } from './probe.ts'
import type { Processes, Running } from './processes.ts'
import type { ContainerSpec, LogLine, Place, PodStep } from './spec.ts'

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

/** One container of a pod, through all its processes. */
export interface Container {
  readonly name: string
  start(): void
  running(): boolean
  ready(): boolean
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
  const execs = new Set<Running>()
  let main: Running | undefined
  let exited = Promise.resolve()
  let ready = false

  const setReady = (now: boolean) => {
    ready = now
    deps.changed()
  }

  function launch(command: readonly [string, ...string[]]): Running {
    const { log } = deps
    const line = log && ((text: string) => log({ pod: deps.place.pod, container, text }))
    return deps.processes.start(command, environment(spec, deps.place), line)
  }

  function start(): void {
    const process = launch(spec.command)
    main = process
    emit({ container, kind: 'started' })
    const over = new AbortController()
    exited = process.exited.then(({ code, signal }) => {
      over.abort()
      for (const each of execs) each.signal('SIGKILL')
      emit({ container, kind: 'exited', detail: signal ?? `code ${code}` })
      setReady(false)
    })
    if (spec.readiness === undefined) setReady(true)
    else {
      const signal = AbortSignal.any([deps.signal, over.signal])
      void watchReadiness(spec.readiness, { ...deps, ip: deps.place.ip, signal, setReady })
    }
  }

  function exec(command: [string, ...string[]]): Running {
    const process = launch(command)
    execs.add(process)
    void process.exited.then(() => execs.delete(process))
    return process
  }

  async function runPreStop(hook: NonNullable<ContainerSpec['preStop']>): Promise<void> {
    emit({ container, kind: 'hook-started' })
    const { kind, detail } = await runHook(hook, { ...deps, ip: deps.place.ip, exec })
    emit({ container, kind: kind === 'ended' ? 'hook-ended' : 'hook-failed', detail })
  }

  const running = () => main !== undefined && !main.over()

  return {
    name: container,
    start,
    running,
    ready: () => ready,
    exited: () => exited,
    hook: () => spec.preStop && runPreStop(spec.preStop),
    terminate(detail) {
      if (!running()) return false
      emit({ container, kind: 'sigterm', detail })
      main?.signal('SIGTERM')
      return true
    },
    kill() {
      if (!running()) return
      emit({ container, kind: 'sigkill' })
      main?.signal('SIGKILL')
    },
  }
}

function environment(spec: ContainerSpec, place: Place): Record<string, string> {
  const port = spec.port === undefined ? undefined : place.loopbackPort(spec.port)
  return {
    HOST: '127.0.0.1',
    ...(port === undefined ? {} : { PORT: String(port) }),
    POD_NAME: place.pod,
    POD_IP: place.ip,
    ...spec.env?.(place),
  }
}
