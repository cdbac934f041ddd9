import type { Resource } from './resources.ts'
import { forbidden } from './status.ts'
import { authenticated, createTokens, groupsOf, type Tokens, userNamed } from './tokens/tokens.ts'

/** A rule of a Role. `*` stands for all. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  /** Left out: all. With names, `list` and `create` are never allowed by it. */
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** What somebody wants to do. */
export interface Wish {
  readonly verb: string
  readonly resource: Pick<Resource, 'group' | 'plural'>
  /** Left out: in all of them. */
  readonly namespace?: string
  readonly name?: string
}

/** Who may do what: bearer tokens of service accounts, and the rules of their Roles. */
export interface Access extends Tokens {
  /**
   * The rules that a service account has in a namespace from now on, in place of those before. `home` is
   * the account's own namespace, where that is another one.
   */
  grant(namespace: string, account: string, rules: readonly Rule[], home?: string): void
  /** The same for all that are in a group, like `system:serviceaccounts:shop`. */
  grantGroup(namespace: string, group: string, rules: readonly Rule[]): void
  /** The same for all namespaces, and for what is in none: a ClusterRole's. */
  grantEverywhere(namespace: string, account: string, rules: readonly Rule[]): void
  /** `groups`: where they are not those of whoever has a token of this user. */
  rulesOf(user: string, namespace: string, groups?: readonly string[]): readonly Rule[]
  may(user: string, wish: Wish, groups?: readonly string[]): boolean
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

/** What all that have a token may do by the role `system:basic-user`. */
const basicRules: readonly Rule[] = [
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    verbs: ['create'],
  },
]

/** Nobody may do anything yet. `wallMs` is the API server's time of day, in ms since 1970. */
export function createAccess(wallMs: () => number): Access {
  const granted = new Map<string, readonly Rule[]>()
  const everywhere = new Map<string, readonly Rule[]>()
  const keyOf = (namespace: string, user: string) => `${namespace} ${user}`
  const rulesOf = (user: string, namespace: string, groups = groupsOf(user)) => [
    ...(groups.includes(authenticated) ? basicRules : []),
    ...(everywhere.get(user) ?? []),
    ...[user, ...groups].flatMap((subject) => granted.get(keyOf(namespace, subject)) ?? []),
  ]

  function may(user: string, wish: Wish, groups?: readonly string[]): boolean {
    // A Role is of one namespace: no rules of Roles are of none.
    return rulesOf(user, wish.namespace ?? '', groups).some((rule) => allows(rule, wish))
  }

  return {
    ...createTokens(wallMs),
    rulesOf,
    may,
    grant: (namespace, account, rules, home = namespace) =>
      void granted.set(keyOf(namespace, userNamed(home, account)), rules),
    grantGroup: (namespace, group, rules) => void granted.set(keyOf(namespace, group), rules),
    grantEverywhere: (namespace, account, rules) =>
      void everywhere.set(userNamed(namespace, account), rules),
    check(user, wish) {
      if (may(user, wish)) return
      const { verb, resource, namespace, name } = wish
      const where =
        namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
      const what = `resource "${resource.plural}" in API group "${resource.group}" ${where}`
      throw forbidden(resource, name, `User "${user}" cannot ${verb} ${what}`)
    },
  }
}

/** Source: k8s.io/kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go. */
function allows(rule: Rule, { verb, resource, name = '' }: Wish): boolean {
  const has = (list: readonly string[], one: string) => list.includes('*') || list.includes(one)
  const named = rule.resourceNames === undefined || rule.resourceNames.includes(name)
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.resources, resource.plural) &&
    named
  )
}
