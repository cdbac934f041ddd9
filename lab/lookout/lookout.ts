import { setTimeout } from 'node:timers/promises'
import type { Exit, Processes, Running } from '../kubelet/processes.ts'
import { type Door, openDoor } from './door.ts'

export interface LookoutDeps {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** What its processes find; asked at each start. */
  readonly environment: () => Record<string, string>
  readonly processes: Processes
  /** Hears each line that it writes. */
  readonly line: (text: string) => void
}

/** One lookout, through all its processes. */
export interface Lookout extends Pick<Door, 'url' | 'break' | 'mend'> {
  readonly name: string
  /** Starts a process; resolves when it is ready. Nobody is let in before, as by a headless Service. */
  start(): Promise<void>
  signal(name: Parameters<Running['signal']>[0]): void
  /** Resolves when the present process has ended. */
  ended(): Promise<Exit | undefined>
  /** The URL at which its present process itself listens, whatever its door is told. */
  ownUrl(): string
  close(): Promise<void>
}

const lookEveryMs = 50
const readyWithinMs = 60_000

/** A lookout that is not started yet, at an address where it is expected already. */
export async function createLookout(deps: LookoutDeps): Promise<Lookout> {
  const { name, command, environment, processes } = deps
  let running: Running | undefined
  let ready: number | undefined
  let ownUrl = ''
  const door = await openDoor(() => (running?.over() ? undefined : ready))

  return {
    ...{ name, url: door.url, break: door.break, mend: door.mend, close: door.close },
    ownUrl: () => ownUrl,
    async start() {
      ready = undefined
      let last = ''
      const listening = Promise.withResolvers<string>()
      const started = processes.start(command, environment(), (text) => {
        last = text
        deps.line(text)
        const [, url] = /"url":"([^"]+)"/.exec(text) ?? []
        if (url) listening.resolve(url)
      })
      running = started
      const ended = started.exited.then(async () => {
        // Its last words may still be in the pipe.
        await setTimeout(lookEveryMs)
        throw new Error(`${name} ended: ${last}`)
      })
      ended.catch(() => undefined)
      ownUrl = await Promise.race([listening.promise, ended])
      await Promise.race([untilReady(ownUrl), ended])
      ready = Number(new URL(ownUrl).port)
    },
    signal: (which) => running?.signal(which),
    ended: async () => running?.exited,
  }
}

async function untilReady(url: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += lookEveryMs) {
    const status = await fetch(`${url}/readyz`).then(
      (answer) => answer.text().then(() => answer.status),
      () => 0,
    )
    if (status === 200) return
    await setTimeout(lookEveryMs)
  }
  throw new Error(`${url} is not ready after ${readyWithinMs} ms`)
}
