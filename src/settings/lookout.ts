import { httpUrl, listOf, oneOf, optional, path, targetGroupArn, withDefault } from './kinds.ts'

/** What a sidecar needs to know of its lookout, and a lookout of itself. */
export const lookoutSettings = {
  LOOKOUT_URL: listOf(
    httpUrl,
    'Where the lookout is asked, which looks for all pods of the cluster; a name with several addresses is several lookouts. In a lookout: how many share its budget of calls. Empty: the sidecar looks for itself.',
  ),
  LOOKOUT_ELSE: withDefault(
    oneOf('nobody', 'self'),
    'nobody',
    'Who is asked where no lookout answers: nobody, or AWS and the Kubernetes API by the pod itself, which needs access of its own.',
  ),
  LOOKOUT_TOKEN_PATH: withDefault(
    path,
    '/var/run/secrets/draingate/token',
    "The pod's token for the audience `draingate`, which says to the lookout who asks.",
  ),
  LOOKOUT_CA_FILE: optional(path, 'The CA of a lookout with TLS. Empty: those that Node.js knows.'),
  LOOKOUT_TARGET_GROUPS: listOf(
    targetGroupArn,
    'In a lookout: target groups that any pod may ask about, beside those of the TargetGroupBindings of its namespace.',
  ),
  LOOKOUT_TLS_DIRECTORY: optional(
    path,
    'In a lookout: the folder of `tls.crt` and `tls.key`. Empty: it speaks HTTP.',
  ),
} as const
