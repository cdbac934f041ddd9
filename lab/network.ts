import { request } from 'node:http'
import { createServer } from 'node:net'

/** One question to a pod over HTTP, on a connection of its own. */
export interface Question {
  ip: string
  port: number
  path: string
  userAgent: string
  timeoutMs: number
  signal: AbortSignal
}

/**
 * The pod network: pods have ordinary IPs towards the APIs, while everything really listens on
 * 127.0.0.1 (macOS answers on no other loopback address).
 */
export interface Network {
  /** A pod IP that was never given before, so that a late look at an old pod never finds a new one. */
  nextIp(): string
  /** Gives ip:port a loopback port that is free right now, for a process to listen on. */
  attach(ip: string, port: number): Promise<number>
  /** The loopback port behind ip:port; undefined when no pod has it. */
  resolve(ip: string, port: number): number | undefined
  /** Forgets an ip: its loopback ports may soon belong to somebody else. */
  release(ip: string): void
  /** GETs a pod's path as a probe does: the status, or undefined when no answer came in time. */
  ask(question: Question): Promise<number | undefined>
}

const podsPerSubnet = 250
const subnets = 250

/** An empty network. It holds nothing open, so it has nothing to close. */
export function createNetwork(): Network {
  const ports = new Map<string, Map<number, number>>()
  let given = 0

  function nextIp(): string {
    if (given >= podsPerSubnet * subnets) throw new Error('the pod network has no addresses left')
    const ip = `10.0.${1 + Math.floor(given / podsPerSubnet)}.${4 + (given % podsPerSubnet)}`
    given += 1
    return ip
  }

  async function attach(ip: string, port: number): Promise<number> {
    const taken = new Set([...ports.values()].flatMap((pod) => [...pod.values()]))
    let loopback = await freePort()
    while (taken.has(loopback)) loopback = await freePort()
    const pod = ports.get(ip) ?? new Map<number, number>()
    ports.set(ip, pod.set(port, loopback))
    return loopback
  }

  const resolve = (ip: string, port: number) => ports.get(ip)?.get(port)

  return {
    nextIp,
    attach,
    resolve,
    release: (ip) => void ports.delete(ip),
    ask(question) {
      const port = resolve(question.ip, question.port)
      return port === undefined ? Promise.resolve(undefined) : statusOf(port, question)
    },
  }
}

/**
 * Below the ports that the system gives to whoever asks for any (from 32768 on Linux, 49152 on
 * macOS): one of those could be another's before the process that it is meant for listens.
 */
const [lowestPort, highestPort] = [10_000, 32_000]

async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)))
  })
}

function statusOf(loopback: number, question: Question): Promise<number | undefined> {
  const { ip, port, path, userAgent, timeoutMs, signal } = question
  return new Promise((resolve) => {
    const asked = request({
      host: '127.0.0.1',
      port: loopback,
      path,
      agent: false,
      headers: { host: `${ip}:${port}`, 'user-agent': userAgent, accept: '*/*' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    asked.on('error', () => resolve(undefined))
    asked.on('response', (answer) => {
      answer.on('error', () => undefined)
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.end()
  })
}
