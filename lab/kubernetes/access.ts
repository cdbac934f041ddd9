import { randomUUID } from 'node:crypto'
import { qualified, type Resource } from './resources.ts'
import { StatusError, unauthorized } from './status.ts'

/** A rule of a Role. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** What somebody wants to do. */
export interface Wish {
  readonly verb: string
  readonly resource: Resource
  /** Empty for what is in no namespace. */
  readonly namespace: string
  readonly name?: string
}

export interface TokenOptions {
  readonly namespace: string
  readonly account: string
  /** The pod that it is bound to. */
  readonly pod?: { readonly name: string; readonly uid: string }
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expiresMs: number
}

/** Who may do what: bearer tokens of service accounts, and the rules of their Roles. */
export interface Access {
  /** A token of a service account, shaped as the real ones are. */
  issue(options: TokenOptions): string
  revoke(token: string): void
  /** The rules that a service account of a namespace has from now on. */
  grant(namespace: string, account: string, rules: readonly Rule[]): void
  /** The user behind an `Authorization` header. Throws 401. */
  userOf(header: string | undefined): string
  may(user: string, wish: Wish): boolean
  /** Throws 403, in the API server's words. */
  check(user: string, wish: Wish): void
}

/** The Role that draingate asks for. */
export const leastRules: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  { apiGroups: [''], resources: ['services'], verbs: ['get', 'list'] },
  {
    apiGroups: ['elbv2.k8s.aws', 'eks.amazonaws.com'],
    resources: ['targetgroupbindings'],
    verbs: ['get', 'list'],
  },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
]

export function createAccess(wallMs: () => number): Access {
  const tokens = new Map<string, { user: string; expiresMs: number }>()
  const rules = new Map<string, readonly Rule[]>()
  const userNamed = (namespace: string, account: string) =>
    `system:serviceaccount:${namespace}:${account}`

  function may(user: string, { verb, resource: { group, plural }, namespace }: Wish): boolean {
    // A Role is of one namespace; for what is in none, its rules are taken as a ClusterRole's.
    if (namespace !== '' && !user.startsWith(`system:serviceaccount:${namespace}:`)) return false
    return (rules.get(user) ?? []).some(
      (rule) =>
        rule.verbs.includes(verb) &&
        rule.resources.includes(plural) &&
        rule.apiGroups.includes(group),
    )
  }

  return {
    may,
    issue({ namespace, account, pod, expiresMs }) {
      const claims = {
        exp: Math.floor(expiresMs / 1_000),
        'kubernetes.io': { namespace, serviceaccount: { name: account }, ...(pod ? { pod } : {}) },
        jti: randomUUID(),
      }
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const token = `${part({ alg: 'none' })}.${part(claims)}.lab`
      tokens.set(token, { user: userNamed(namespace, account), expiresMs })
      return token
    },
    revoke: (token) => void tokens.delete(token),
    grant: (namespace, account, granted) => void rules.set(userNamed(namespace, account), granted),
    userOf(header = '') {
      const found = tokens.get(header.replace(/^Bearer /, ''))
      if (!found || found.expiresMs <= wallMs()) throw unauthorized()
      return found.user
    },
    check(user, wish) {
      if (may(user, wish)) return
      const { verb, resource, namespace, name } = wish
      const what = name === undefined ? qualified(resource) : `${qualified(resource)} "${name}"`
      const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
      throw new StatusError(
        403,
        'Forbidden',
        `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource.plural}" in API group "${resource.group}" ${where}`,
      )
    },
  }
}
