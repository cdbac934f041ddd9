import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { noCredentialsSaid, unreadSaid } from './failures.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Why there can be no credentials for AWS, as far as the environment tells without a call and without the
 * SDK; undefined where there may be some. The order is that of the SDK's chain (@aws-sdk/
 * credential-provider-node, defaultProvider): what it takes first hides what is wrong with the rest.
 *
 * @param isThere Whether a file can be read, and has something in it.
 */
export function missingCredentials(
  environment: Environment,
  isThere: (path: string) => boolean = holdsSomething,
): string | undefined {
  const has = (...names: string[]) => names.every((name) => environment[name])
  const home = environment.HOME || homedir()
  const files = [
    environment.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
    environment.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
  ]
  if (has('AWS_PROFILE') || has('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')) return undefined
  if (files.some(isThere)) return undefined
  // IRSA, and then Pod Identity: each has a token of its own, which the kubelet mounts.
  if (has('AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN')) {
    return unreadToken(environment.AWS_WEB_IDENTITY_TOKEN_FILE, isThere)
  }
  const isContainer =
    has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || has('AWS_CONTAINER_CREDENTIALS_FULL_URI')
  if (isContainer) return unreadToken(environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, isThere)
  const isOff =
    has('AWS_EC2_METADATA_DISABLED') && environment.AWS_EC2_METADATA_DISABLED !== 'false'
  if (!isOff) return undefined
  return noCredentialsSaid(
    'nothing in the environment names any, and AWS_EC2_METADATA_DISABLED is set; a pod gets them when it is made',
  )
}

function unreadToken(path: string | undefined, isThere: (path: string) => boolean) {
  return !path || isThere(path) ? undefined : unreadSaid(path)
}

function holdsSomething(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).size > 0
  } catch {
    return false
  }
}
