{{/*
Everything here can be called with the context of the application's chart, in which draingate's values
are those of the dependency, or with draingate's own (.Subcharts.ALIAS, where it has an alias).
*/}}

{{/* What the objects are called. */}}
{{- define "draingate.fullname" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- if eq $self.Release.Name $self.Chart.Name -}}
{{- $self.Release.Name -}}
{{- else -}}
{{- printf "%s-%s" $self.Release.Name $self.Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Whether the release is for the whole cluster, not of an application: "true" or nothing. */}}
{{- define "draingate.forCluster" -}}
{{- if or .Values.injection.enabled .Values.lookout.enabled -}}
true
{{- end -}}
{{- end -}}

{{/* The service account that may look: for the pod's serviceAccountName. */}}
{{- define "draingate.serviceAccountName" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- $account := $self.Values.serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if and $account.create (not (include "draingate.forCluster" $self)) -}}
{{- include "draingate.fullname" $self -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{/* A service account's annotations, from its values. */}}
{{- define "draingate.serviceAccountAnnotations" -}}
{{- if or .roleArn .annotations -}}
annotations:
  {{- with .roleArn }}
  eks.amazonaws.com/role-arn: {{ . }}
  {{- end }}
  {{- with .annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "draingate.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "draingate.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The least that draingate needs of the Kubernetes API. */}}
{{- define "draingate.rules" -}}
# Whether its pod is being deleted, and until when; and the readiness gates, which name the bindings.
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
# The target groups. The AWS Load Balancer Controller has the first group, EKS Auto Mode the second.
- apiGroups: [elbv2.k8s.aws, eks.amazonaws.com]
  resources: [targetgroupbindings]
  verbs: [get, list]
# Which bindings are this pod's, where it has no readiness gates.
- apiGroups: [""]
  resources: [services]
  verbs: [list]
# What became of the drain, in kubectl describe pod.
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- end -}}
