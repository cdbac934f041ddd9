/**
 * The kinds of the examples that are not Kubernetes' own, as far as the examples go: a field that is
 * not here is refused. From the CRD of the AWS Load Balancer Controller (config/crd/bases), eksctl's
 * pkg/apis/eksctl.io/v1alpha5/iam.go, kustomize's api/types, and the Prometheus Operator's
 * pkg/apis/monitoring/v1.
 */

export interface ITargetGroupBinding {
  apiVersion: 'elbv2.k8s.aws/v1beta1'
  kind: 'TargetGroupBinding'
  metadata: { name: string; namespace?: string }
  spec: {
    serviceRef: { name: string; port: number | string }
    targetGroupARN: string
    targetType?: 'instance' | 'ip'
    targetGroupProtocol?: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
    ipAddressType?: 'ipv4' | 'ipv6'
  }
}

interface Policy {
  Version: '2012-10-17'
  Statement: {
    Sid?: string
    Effect: 'Allow' | 'Deny'
    Action: string | string[]
    Resource: string | string[]
  }[]
}

export interface IClusterConfig {
  apiVersion: 'eksctl.io/v1alpha5'
  kind: 'ClusterConfig'
  metadata: { name: string; region: string }
  iam?: {
    withOIDC?: boolean
    podIdentityAssociations?: {
      namespace: string
      serviceAccountName: string
      roleName?: string
      permissionPolicy?: Policy
    }[]
    serviceAccounts?: {
      metadata: { name: string; namespace: string }
      roleOnly?: boolean
      roleName?: string
      attachPolicy?: Policy
    }[]
  }
}

interface KustomizationFields {
  namespace?: string
  resources?: string[]
  components?: string[]
  patches?: { path: string; target?: { kind?: string } }[]
  replacements?: {
    source: { kind: string; fieldPath: string }
    targets: { select: { kind: string; name: string }; fieldPaths: string[] }[]
  }[]
}

export interface IKustomization extends KustomizationFields {
  apiVersion: 'kustomize.config.k8s.io/v1beta1'
  kind: 'Kustomization'
}

export interface IComponent extends KustomizationFields {
  apiVersion: 'kustomize.config.k8s.io/v1alpha1'
  kind: 'Component'
}

export interface IPodMonitor {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'PodMonitor'
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec: {
    namespaceSelector?: { any: true } | { matchNames: string[] }
    selector: { matchLabels?: Record<string, string> }
    podMetricsEndpoints: {
      port?: string
      path?: string
      interval?: string
      scrapeTimeout?: string
      scheme?: 'http' | 'https'
      tlsConfig?: {
        serverName?: string
        ca?: { configMap: { name: string; key: string } }
      }
    }[]
  }
}

export interface IPrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'PrometheusRule'
  metadata: { name: string; namespace?: string }
  spec: {
    groups: {
      name: string
      rules: {
        alert: string
        expr: string
        for?: string
        labels?: Record<string, string>
        annotations?: Record<string, string>
      }[]
    }[]
  }
}
