import {
  cidr,
  externalId,
  ipAddress,
  listenAddress,
  listOf,
  objectName,
  oneOf,
  optional,
  path,
  rate,
  region,
  roleArn,
  type Setting,
  seconds,
  targetGroupArn,
  withDefault,
} from './kinds.ts'
import { lookoutSettings } from './lookout.ts'

/**
 * Every setting, once: its environment variable and flag, type, default and help.
 *
 * No name ends in `_PORT`, `_HOST` or `_ADDR`: the kubelet sets such variables for each Service of
 * the namespace, and a Service of a like name must not configure us.
 */
export const settings = {
  TARGET_GROUP_ARNS: listOf(
    targetGroupArn,
    'The target groups that the pod is registered with, in any Regions and accounts. Empty: those of its TargetGroupBindings.',
  ),
  POD_NAME: optional(objectName, "The pod's name. Empty: as the service account's token says."),
  POD_NAMESPACE: optional(objectName, "The pod's namespace. Empty: as the service account says."),
  POD_IPS: listOf(ipAddress, "The pod's IP addresses. Empty: as the Kubernetes API says."),
  POD_IP: optional(ipAddress, "The pod's IP address, where POD_IPS is not set."),
  LISTEN_ADDRESS: withDefault(
    listenAddress,
    '[::]:8089',
    'Where hooks are answered. Where the kernel has no IPv6, [::] means 0.0.0.0.',
  ),
  GRACE_PERIOD_SECONDS: optional(
    seconds,
    "The pod's terminationGracePeriodSeconds, where the Kubernetes API does not tell it. Empty: 30; with a reserve as long as that, 30 more than the reserve.",
  ),
  RESERVE_SECONDS: withDefault(
    seconds,
    '5',
    'The end of the grace period, kept for the app to shut down: no hook is held into it.',
  ),
  FALLBACK_SECONDS: withDefault(
    seconds,
    '30',
    'How long a hook is held when nothing can be learnt of a target group (at least 5; not into the reserve).',
  ),
  SETTLE_SECONDS: optional(
    seconds,
    'The least time from the first `draining` to release. Empty: 20 for an ALB, 120 for an NLB and for a kind that is not known.',
  ),
  RELEASE_WHEN: withDefault(
    oneOf('deregistered', 'idle', 'settled'),
    'deregistered',
    'What a hook waits for: the end of the deregistration delay; or, sooner, a draining and settled target without connections; or a draining and settled target.',
  ),
  IDLE_SECONDS: withDefault(
    seconds,
    '5',
    'With RELEASE_WHEN=idle: how long a target must have had no established connection.',
  ),
  IDLE_IGNORE_CIDRS: listOf(
    cidr,
    'With RELEASE_WHEN=idle: peers whose connections do not count, like scrapers.',
  ),
  HOST_IP: optional(
    ipAddress,
    "The node's address (fieldRef status.hostIP): it may have any number of connections; with RELEASE_WHEN=idle its probes do not count. Empty: for the former, as the Kubernetes API says.",
  ),
  RESTART_SECONDS: withDefault(
    seconds,
    '15',
    'How long a hook is held for a pod that nobody is deleting: its container only restarts.',
  ),
  API_CALLS_PER_SECOND: withDefault(
    rate,
    '5',
    'How many calls a second all pods of the account that drain at a time may make together; a lookout, for all pods. AWS refills 10, for everybody.',
  ),
  ASSUME_ROLE_ARN: listOf(
    roleArn,
    "The role to assume for target groups of another account. Several accounts: each one's role.",
  ),
  ASSUME_ROLE_EXTERNAL_ID: optional(externalId, 'The external id that those roles ask for.'),
  AWS_REGION: optional(
    region,
    "Where STS is asked; empty: in the target group's Region. Target groups are always looked at in the Region of their ARN.",
  ),
  SERVICE_ACCOUNT_DIRECTORY: withDefault(
    path,
    '/var/run/secrets/kubernetes.io/serviceaccount',
    'Where the token and the CA of the Kubernetes API are.',
  ),
  TERMINATION_MESSAGE_PATH: withDefault(
    path,
    '/dev/termination-log',
    'Where the outcome is left for `kubectl describe pod`, if that file is there.',
  ),
  ...lookoutSettings,
  LOG_LEVEL: withDefault(
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least important log lines that are written.',
  ),
} as const

/** The settings' values. Seconds come as milliseconds. */
export type Settings = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer T>
    ? T
    : never
}

/** The pod's addresses, by whichever setting they came. */
export function podIpsOf({ POD_IPS, POD_IP }: Settings): readonly string[] {
  return POD_IPS.length > 0 || POD_IP === undefined ? POD_IPS : [POD_IP]
}

/** Whether the pod ever asks AWS and the API server itself. */
export function looksItself({ LOOKOUT_URL, LOOKOUT_ELSE }: Settings): boolean {
  return LOOKOUT_URL.length === 0 || LOOKOUT_ELSE === 'self'
}

/** The pod's grace period as far as the settings tell it, in milliseconds; else Kubernetes' own default. */
export function graceOf({ GRACE_PERIOD_SECONDS: graceMs, RESERVE_SECONDS: reserveMs }: Settings) {
  // Whoever reserves more than the default has another one in the pod's spec.
  return graceMs ?? (reserveMs < usualGraceMs ? usualGraceMs : reserveMs + usualGraceMs)
}

/** Kubernetes API reference, PodSpec. */
const usualGraceMs = 30_000
