import { uniqueId } from './credentials.ts'

export interface RoleOptions {
  name: string
  /** Default `123456789012`. */
  account?: string
  /** AssumeRole must bring this ExternalId; left out, it may bring any or none. */
  externalId?: string
  /** The tokens that AssumeRoleWithWebIdentity may bring; the set of the role can be changed. */
  webIdentityTokens?: string[]
}

export interface Role {
  arn: string
  id: string
  name: string
  account: string
  externalId: string | undefined
  webIdentityTokens: Set<string>
}

export interface Roles {
  /** A role of the same name and account is replaced. */
  add(options: RoleOptions): Role
  find(arn: string): Role | undefined
}

/** The IAM roles that the lab's accounts have. */
export function createRoles(): Roles {
  const known = new Map<string, Role>()
  return {
    add({ name, account = '123456789012', externalId, webIdentityTokens = [] }) {
      const role: Role = {
        arn: `arn:aws:iam::${account}:role/${name}`,
        id: uniqueId('AROA'),
        name,
        account,
        externalId,
        webIdentityTokens: new Set(webIdentityTokens),
      }
      known.set(role.arn, role)
      return role
    },
    find: (arn) => known.get(arn),
  }
}
