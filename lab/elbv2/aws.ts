import { type Credential, createCredentials, uniqueId } from '../sts/credentials.ts'
import { createRoles, type Roles } from '../sts/roles.ts'
import { createAnswerer } from './answer.ts'
import { type BucketSize, describeBucket } from './bucket.ts'
import { type Calls, createCalls } from './calls.ts'
import { createFaults, type Faults } from './faults.ts'
import type { Registry } from './registry.ts'
import { listen } from './server.ts'

export interface AwsOptions {
  registry: Registry
  /** Monotonic milliseconds: token bucket, call log and faults follow it. */
  now: () => number
  /** Milliseconds since 1970, before skew. Default: the machine's. */
  wallNow?: () => number
  /** Whose `credentials` are. Default `123456789012`. */
  account?: string
  /** The Region in `environment`; every Region is answered for. Default `eu-west-1`. */
  region?: string
  /** Default: AWS's 40 tokens, refilled at 10/s. */
  bucket?: BucketSize
  /** How far AWS's clock is ahead of `wallNow`. Default 0. */
  skewMs?: number
}

/** The variables of a child process, to be given to it instead of the parent's own AWS ones. */
export type Environment = Record<string, string>

export interface Aws {
  url: string
  /** A user's key that lasts, in the options' account. */
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Another user's key, in this account or another. */
  issue(user: { name: string; account?: string }): Credential
  /** For a process that has the user's key. */
  environment: Environment
  /** For a pod with a role of its own: the token file is what its service account has. */
  webIdentityEnvironment(from: { roleArn: string; tokenFile: string }): Environment
  roles: Roles
  faults: Faults
  calls: Calls
  /** May be changed at any time. */
  clock: { skewMs: number }
  /** Ends every connection at once, hanging ones too. */
  close(): Promise<void>
}

/** ELBv2 and STS on a free port of 127.0.0.1, for any AWS SDK that is pointed there. */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const { registry, now, account = '123456789012', bucket = describeBucket } = options
  const machine = options.wallNow ?? Date.now
  const clock = { skewMs: options.skewMs ?? 0 }
  const wallNow = () => machine() + clock.skewMs
  const keys = createCredentials()
  const roles = createRoles()
  const faults = createFaults(now)
  const calls = createCalls()
  const deps = { registry, roles, credentials: keys, faults, calls, bucket, now, wallNow }
  const { url, close } = await listen({ answer: createAnswerer(deps), wallNow })

  const issue: Aws['issue'] = ({ name, account: its = account }) => {
    const arn = `arn:aws:iam::${its}:user/${name}`
    return keys.issue({ account: its, arn, userId: uniqueId('AIDA') })
  }
  const { accessKeyId, secretAccessKey } = issue({ name: 'lab' })
  const credentials = { accessKeyId, secretAccessKey }
  const environments = environmentsOf(url, options.region ?? 'eu-west-1', credentials)
  return { url, credentials, issue, ...environments, roles, faults, calls, clock, close }
}

function environmentsOf(url: string, region: string, key: Aws['credentials']) {
  const places = placesOf(url, region)
  return {
    environment: {
      ...places,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
    webIdentityEnvironment: ({ roleArn, tokenFile }: { roleArn: string; tokenFile: string }) => ({
      ...places,
      AWS_ROLE_ARN: roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    }),
  }
}

const placesOf = (url: string, region: string): Environment => ({
  AWS_REGION: region,
  AWS_ENDPOINT_URL_STS: url,
  AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: url,
  AWS_EC2_METADATA_DISABLED: 'true',
  // A developer's own profile could name another endpoint or hold real credentials.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
})
