{{/*
The sidecar, as an item of the pod's initContainers; with native=false, of its containers.
*/}}
{{- define "draingate.sidecar" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- $values := $self.Values -}}
- name: draingate
  image: {{ include "draingate.image" $self }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  {{- if $values.native }}
  {{- if semverCompare "<1.29.0-0" $self.Capabilities.KubeVersion.Version }}
  {{- fail "draingate: native sidecars need Kubernetes 1.29. Set native=false, and put draingate.sidecar into containers." }}
  {{- end }}
  restartPolicy: Always
  {{- end }}
  env:
    {{- include "draingate.env" $self | nindent 4 }}
  ports:
    - name: draingate
      containerPort: {{ $values.port }}
  # As a native sidecar it lets the app start only when this has succeeded: no hook finds nobody.
  startupProbe:
    httpGet:
      path: /readyz
      port: {{ $values.port }}
    periodSeconds: 1
    failureThreshold: 30
  # Neither asks AWS: an outage there must not make the pod unready, let alone restart it.
  readinessProbe:
    httpGet:
      path: /readyz
      port: {{ $values.port }}
    timeoutSeconds: 5
  livenessProbe:
    httpGet:
      path: /livez
      port: {{ $values.port }}
    timeoutSeconds: 5
  {{- with $values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "draingate.volumeMounts" $self }}
  volumeMounts:
    {{- . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/*
The hook, as the preStop of each container that serves requests. The port is a number: a name would be
looked up among the container's own ports.
*/}}
{{- define "draingate.preStop" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
httpGet:
  path: /prestop
  port: {{ $self.Values.port }}
{{- end -}}

{{/* The settings, as an env list: for the sidecar, or for an app whose exec hook runs `draingate wait`. */}}
{{- define "draingate.env" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- $values := $self.Values -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_IPS
  valueFrom:
    fieldRef:
      fieldPath: status.podIPs
- name: HOST_IP
  valueFrom:
    fieldRef:
      fieldPath: status.hostIP
{{- range $name, $value := include "draingate.settings" $self | fromYaml }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "draingate.settings" -}}
{{- $values := .Values -}}
LISTEN_ADDRESS: {{ printf "[::]:%d" (int $values.port) | quote }}
GRACE_PERIOD_SECONDS: {{ include "draingate.terminationGracePeriodSeconds" . | quote }}
RESERVE_SECONDS: {{ $values.reserveSeconds | quote }}
FALLBACK_SECONDS: {{ $values.fallbackSeconds | quote }}
RELEASE_WHEN: {{ $values.releaseWhen }}
LOG_LEVEL: {{ $values.logLevel }}
{{- if not (kindIs "invalid" $values.settleSeconds) }}
SETTLE_SECONDS: {{ $values.settleSeconds | quote }}
{{- end }}
{{- if eq $values.releaseWhen "idle" }}
IDLE_SECONDS: {{ $values.idle.seconds | quote }}
{{- with $values.idle.ignoreCidrs }}
IDLE_IGNORE_CIDRS: {{ join "," . | quote }}
{{- end }}
{{- end }}
{{- with $values.targetGroupArns }}
TARGET_GROUP_ARNS: {{ join "," . | quote }}
{{- end }}
{{- with $values.assumeRole.arns }}
ASSUME_ROLE_ARN: {{ join "," . | quote }}
{{- end }}
{{- with $values.assumeRole.externalId }}
ASSUME_ROLE_EXTERNAL_ID: {{ . | quote }}
{{- end }}
{{- with $values.awsRegion }}
AWS_REGION: {{ . | quote }}
{{- end }}
{{- if not $values.useNodeRole }}
AWS_EC2_METADATA_DISABLED: "true"
{{- end }}
{{- with include "draingate.lookoutSettings" . }}
{{ . }}
{{- end }}
{{- end -}}
