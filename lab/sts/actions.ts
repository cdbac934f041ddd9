import { AwsError, invalid } from '../elbv2/error.ts'
import type { Query } from '../elbv2/query.ts'
import type { Xml } from '../elbv2/xml.ts'
import type { Credentials, Identity } from './credentials.ts'
import type { Role, Roles } from './roles.ts'
import type { Caller } from './signature.ts'

export interface StsDeps {
  roles: Roles
  credentials: Credentials
  /** The service's wall clock: a session's end is told in it. */
  wallNow: () => number
}

/** An action of STS: its result as XML. Throws `AwsError`. */
export type StsAction = (query: Query, caller: Caller) => Xml

/** The signed actions of STS. */
export function stsActions(deps: StsDeps): Record<string, StsAction> {
  return {
    GetCallerIdentity: (_query, { identity }) => ({
      Arn: identity.arn,
      UserId: identity.userId,
      Account: identity.account,
    }),
    AssumeRole(query, { identity }) {
      const arn = required(query, 'RoleArn')
      const role = deps.roles.find(arn)
      if (!role || (role.externalId !== undefined && role.externalId !== query.get('ExternalId'))) {
        throw notAuthorized(
          `User: ${identity.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
        )
      }
      return session(deps, role, query)
    },
  }
}

/** The actions of STS that prove who asks by a token in the request instead of a signature. */
export function unsignedStsActions(deps: StsDeps): Record<string, (query: Query) => Xml> {
  return {
    AssumeRoleWithWebIdentity(query) {
      const token = required(query, 'WebIdentityToken')
      const role = deps.roles.find(required(query, 'RoleArn'))
      if (!role) throw notAuthorized('Not authorized to perform sts:AssumeRoleWithWebIdentity')
      if (!role.webIdentityTokens.has(token)) {
        throw new AwsError('InvalidIdentityToken', 'No OpenIDConnect provider found for this token')
      }
      return {
        ...session(deps, role, query),
        SubjectFromWebIdentityToken: `web-identity:${role.name}`,
        Provider: 'https://oidc.lab.internal',
        Audience: 'sts.amazonaws.com',
      }
    },
  }
}

const notAuthorized = (message: string) => new AwsError('AccessDenied', message, 403)

function required(query: Query, name: string): string {
  const value = query.get(name)
  if (!value)
    throw invalid(
      `1 validation error detected: '${name}' failed to satisfy constraint: Member must not be null`,
    )
  return value
}

function session({ credentials, wallNow }: StsDeps, role: Role, query: Query) {
  const name = required(query, 'RoleSessionName')
  const seconds = Number(query.get('DurationSeconds') ?? 3600)
  if (!/^[\w+=,.@-]{2,64}$/.test(name))
    throw invalid(`Value '${name}' at 'roleSessionName' is not valid`)
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw invalid(`Value '${seconds}' at 'durationSeconds' must be between 900 and 43200`)
  }
  const identity: Identity = {
    account: role.account,
    arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${name}`,
    userId: `${role.id}:${name}`,
  }
  const expiresAtMs = wallNow() + seconds * 1000
  const credential = credentials.issueUntil(identity, expiresAtMs)
  return {
    AssumedRoleUser: { Arn: identity.arn, AssumedRoleId: identity.userId },
    Credentials: {
      AccessKeyId: credential.accessKeyId,
      SecretAccessKey: credential.secretAccessKey,
      SessionToken: credential.session?.token,
      Expiration: new Date(expiresAtMs).toISOString(),
    },
  }
}
