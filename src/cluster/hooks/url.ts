import {
  astray,
  bare,
  type Call,
  cannotTell,
  type Fault,
  hookPath,
  isLoopback,
  plainPath,
  type Where,
  wrongPath,
  wrongPort,
} from './reach.ts'

/** Where a word of a command leads, if it is a URL; a program of the pod's own calls it. */
export function urlCall(word: string, where: Where): Call {
  const text = word.replace(filledIn, '$')
  const [, scheme = 'http', host = '', given, asked = '/'] = url.exec(text) ?? []
  if (host === '' || /\s/.test(text)) return { kind: 'none' }
  const port = given ?? (scheme === 'https' ? '443' : '80')
  const path = plainPath(asked)
  const isUnknown = `${port}${path}`.includes('$') || (host.includes('$') && given === undefined)
  if (isUnknown) return cannotTell(`calls ${word}, and where that leads cannot be told`)
  const isPort = Number(port) === where.port
  if (path !== hookPath) return isPort ? wrong(wrongPath(path)) : { kind: 'none' }
  if (!isPort) return wrong(wrongPort(Number(port), where))
  if (scheme === 'https') return astray('calls by https, draingate speaks plain HTTP', 'use http')
  const isHere = host.includes('$') || isLoopback(host) || where.ips.includes(bare(host))
  return isHere ? { kind: 'held' } : cannotTell(`calls ${host}, which may not be its pod`)
}

const wrong = (one: Fault): Call => ({ kind: 'astray', faults: [one] })

const url = /^(?:([a-z]+):\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^/:?#[\]]*)(?::([^/?#]*))?([/?#].*)?$/i

/** What a shell fills in. */
const filledIn = /\$\([^)]*\)|`[^`]*`|\$\{[^}]*\}|\$\w+/g
