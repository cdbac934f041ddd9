import { type Settings, settings } from './settings.ts'

/**
 * What is wrong with settings that are fine one by one: a line for each fault. Settings that are not
 * fine by themselves are left out of `read`, and are not complained of twice.
 */
export function faultsBetween(
  read: Partial<Settings>,
  environment: Readonly<Record<string, string | undefined>>,
  forWhom: 'pod' | 'lookout',
): string[] {
  // In a pod the Kubernetes API tells what is not set; or the lookout.
  const isTold =
    forWhom === 'lookout' ||
    Boolean(environment.KUBERNETES_SERVICE_HOST) ||
    read.LOOKOUT_URL?.length !== 0
  return [...(isTold ? [] : notSet(read)), ...noTimeLeft(read), ...idleRoles(read)]
}

function notSet(read: Partial<Settings>): string[] {
  const faults: string[] = []
  const why = 'outside a Kubernetes pod it has to be set'
  if (read.TARGET_GROUP_ARNS?.length === 0) {
    faults.push(`TARGET_GROUP_ARNS: '' is not ${settings.TARGET_GROUP_ARNS.expected}; ${why}`)
  }
  // POD_IP is in `read` unless it is wrong.
  if (read.POD_IPS?.length === 0 && 'POD_IP' in read && read.POD_IP === undefined) {
    faults.push(`POD_IPS: '' is not ${settings.POD_IPS.expected}; ${why}`)
  }
  return faults
}

function noTimeLeft({ RESERVE_SECONDS: reserve, GRACE_PERIOD_SECONDS: grace }: Partial<Settings>) {
  if (reserve === undefined || grace === undefined || reserve < grace) return []
  return [
    `RESERVE_SECONDS: '${reserve / 1_000}' is not less than GRACE_PERIOD_SECONDS (${grace / 1_000})`,
  ]
}

function idleRoles({ TARGET_GROUP_ARNS: groups, ASSUME_ROLE_ARN: roles }: Partial<Settings>) {
  if (!groups?.length || roles === undefined) return []
  const accounts = new Set(groups.map(({ account }) => account))
  return roles
    .filter(({ account }) => !accounts.has(account))
    .map(({ arn }) => `ASSUME_ROLE_ARN: '${arn}' is not a role of an account of TARGET_GROUP_ARNS`)
}
