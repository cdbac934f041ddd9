import type { Chart } from './render.ts'

/** One way to use the chart, with a snapshot of what comes out. */
export interface Case {
  readonly name: string
  readonly chart: Chart
  readonly values: object
}

const group = (account: string, name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:${account}:targetgroup/${name}/0123456789abcdef`

export const cases: readonly Case[] = [
  { name: 'app', chart: 'helm-app', values: {} },
  {
    name: 'app-idle',
    chart: 'helm-app',
    values: {
      releaseWhen: 'idle',
      deregistrationDelaySeconds: 300,
      idle: { ignoreCidrs: ['10.0.200.0/24', 'fd00::/8'], longestRequestSeconds: 10 },
    },
  },
  {
    name: 'app-nlb-settled',
    chart: 'helm-app',
    values: { releaseWhen: 'settled', loadBalancer: 'nlb', useNodeRole: true, port: 9000 },
  },
  {
    name: 'app-other-account',
    chart: 'helm-app',
    values: {
      targetGroupArns: [group('123456789012', 'web'), group('210987654321', 'web')],
      assumeRole: {
        arns: ['arn:aws:iam::210987654321:role/draingate-reader'],
        externalId: 'web-draingate',
      },
      awsRegion: 'eu-west-1',
      terminationGracePeriodSeconds: 90,
      settleSeconds: 25,
      logLevel: 'debug',
    },
  },
  {
    name: 'app-own-objects',
    chart: 'helm-app',
    values: {
      image: { digest: `sha256:${'0123456789abcdef'.repeat(4)}` },
      serviceAccount: { create: false, name: 'web' },
      rbac: { create: false },
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.pem' }],
      resources: { limits: { memory: '160Mi' } },
    },
  },
  {
    name: 'app-lookout',
    chart: 'helm-app',
    values: {
      lookout: {
        url: 'https://draingate-lookout.draingate.svc:8089',
        else: 'self',
        tls: { caConfigMap: { name: 'draingate-ca' } },
      },
    },
  },
  { name: 'regular', chart: 'regular-app', values: { native: false } },
  {
    name: 'regular-lookout',
    chart: 'regular-app',
    values: { native: false, lookout: { url: 'http://draingate-lookout.draingate.svc:8089' } },
  },
  { name: 'injection', chart: 'alone', values: { injection: { enabled: true } } },
  {
    name: 'injection-namespaces',
    chart: 'alone',
    values: {
      native: false,
      deregistrationDelaySeconds: 30,
      injection: {
        enabled: true,
        apiVersion: 'v1beta1',
        namespaces: ['shop', 'pay'],
        failurePolicy: 'Fail',
      },
    },
  },
  { name: 'lookout', chart: 'alone', values: { lookout: { enabled: true } } },
  {
    name: 'lookout-injection',
    chart: 'alone',
    values: {
      deregistrationDelaySeconds: 30,
      injection: { enabled: true, namespaces: ['shop'] },
      lookout: { enabled: true },
    },
  },
  {
    name: 'lookout-all',
    chart: 'alone',
    values: {
      awsRegion: 'eu-west-1',
      injection: { enabled: true, namespaces: ['shop'] },
      lookout: {
        enabled: true,
        else: 'self',
        replicas: 3,
        apiCallsPerSecond: 7.5,
        targetGroups: [group('123456789012', 'web'), group('210987654321', 'web')],
        assumeRole: {
          arns: ['arn:aws:iam::210987654321:role/draingate-reader'],
          externalId: 'draingate-lookout',
        },
        tls: { secretName: 'draingate-lookout-tls', caConfigMap: { name: 'draingate-ca' } },
        logLevel: 'debug',
        image: 'registry.example/draingate:0.1.0-fips',
        imagePullSecrets: [{ name: 'registry' }],
        extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.pem' }],
        resources: { limits: { memory: '512Mi' } },
        priorityClassName: 'system-cluster-critical',
        nodeSelector: { 'kubernetes.io/arch': 'arm64' },
        tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
        affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
        podLabels: { 'sidecar.istio.io/inject': 'false' },
        podAnnotations: { 'linkerd.io/inject': 'disabled' },
        serviceAccount: {
          roleArn: 'arn:aws:iam::123456789012:role/draingate-lookout',
          annotations: { team: 'platform' },
        },
        networkPolicy: { enabled: true },
        listPods: true,
        podMonitor: { enabled: true, labels: { release: 'prometheus' } },
      },
    },
  },
]
