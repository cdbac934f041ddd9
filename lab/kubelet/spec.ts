/** A container's preStop hook. A port is the pod's port: the kubelet takes numbers as they are. */
export type Hook =
  | { httpGet: { port: number; path: string } }
  | { sleepMs: number }
  | { exec: string[] }

/** A readiness probe: GET `path`, ready from 200 to 399. */
export interface Readiness {
  path: string
  port: number
  /** Default: ten (scaled) seconds, as in Kubernetes. */
  periodMs?: number
  /** Default 1000. Not scaled: the machine answers no faster for a faster clock. */
  timeoutMs?: number
  /** Misses in a row that make a ready container unready. Default 3. */
  failureThreshold?: number
}

/** What a container may know of where it runs. */
export interface Place {
  pod: string
  ip: string
  /** The loopback port behind one of this pod's ports: what a process of the pod really listens on. */
  loopbackPort(port: number): number | undefined
}

/** One container: a child process in a process group of its own. */
export interface ContainerSpec {
  name: string
  command: [string, ...string[]]
  /** The pod's port that it listens on; the process finds the loopback port in HOST and PORT. */
  port?: number
  /** Added to PATH, HOST, PORT, POD_NAME and POD_IP, which is all that it sees of the outside. */
  env?: (place: Place) => Record<string, string>
  /** The same, where it does not matter where the pod runs: what its manifest says, and its object shows. */
  settings?: Record<string, string>
  preStop?: Hook
  readiness?: Readiness
  /** A token for the lookout is projected into it, and it is told where: LOOKOUT_TOKEN_PATH. */
  lookoutToken?: 'projected'
}

/** A pod. A regular sidecar is one more container; a native sidecar is one of `nativeSidecars`. */
export interface PodSpec {
  containers: ContainerSpec[]
  /** initContainers with `restartPolicy: Always`, in their order. */
  nativeSidecars?: ContainerSpec[]
  /** terminationGracePeriodSeconds; default 30 (scaled) seconds. */
  gracePeriodMs?: number
  /** Labels of its object, beside its Deployment's. */
  labels?: Record<string, string>
}

/** One line of a pod's story. */
export interface PodEvent extends PodStep {
  /** On the kubelet's clock. */
  atMs: number
  pod: string
  ip: string
}

/** What happened, without when and where. */
export interface PodStep {
  container?: string
  kind:
    | 'started'
    | 'ready'
    | 'unready'
    | 'deleted'
    | 'hook-started'
    | 'hook-ended'
    | 'hook-failed'
    | 'sigterm'
    | 'sigkill'
    | 'exited'
    | 'ended'
  detail?: string
}

/** One line that a container wrote to its standard output or error. */
export interface LogLine {
  pod: string
  container: string
  text: string
}
