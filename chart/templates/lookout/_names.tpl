{{/* What the lookout and its objects are called. */}}
{{- define "draingate.lookout.name" -}}
{{- printf "%s-lookout" (include "draingate.fullname" . | trunc 55 | trimSuffix "-") -}}
{{- end -}}

{{/* The name that sidecars resolve: that of a headless Service, so all lookouts' addresses. */}}
{{- define "draingate.lookout.host" -}}
{{- printf "%s.%s.svc" (include "draingate.lookout.name" .) .Release.Namespace -}}
{{- end -}}

{{- define "draingate.lookout.serviceAccountName" -}}
{{- with .Values.lookout.serviceAccount -}}
{{- .name | default (ternary (include "draingate.lookout.name" $) "default" .create) -}}
{{- end -}}
{{- end -}}

{{- define "draingate.lookout.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: lookout
{{- end -}}

{{- define "draingate.lookout.labels" -}}
{{ include "draingate.labels" . }}
app.kubernetes.io/component: lookout
{{- end -}}

{{/* The settings, as a map. */}}
{{- define "draingate.lookout.settings" -}}
{{- $lookout := .Values.lookout -}}
LISTEN_ADDRESS: "[::]:8089"
LOOKOUT_URL: {{ include "draingate.lookoutUrl" . | quote }}
API_CALLS_PER_SECOND: {{ $lookout.apiCallsPerSecond | quote }}
LOG_LEVEL: {{ $lookout.logLevel }}
{{- with $lookout.targetGroups }}
LOOKOUT_TARGET_GROUPS: {{ join "," . | quote }}
{{- end }}
{{- if $lookout.tls.secretName }}
LOOKOUT_TLS_DIRECTORY: /var/run/secrets/draingate-tls
{{- end }}
{{- with $lookout.assumeRole.arns }}
ASSUME_ROLE_ARN: {{ join "," . | quote }}
{{- end }}
{{- with $lookout.assumeRole.externalId }}
ASSUME_ROLE_EXTERNAL_ID: {{ . | quote }}
{{- end }}
{{- with .Values.awsRegion }}
AWS_REGION: {{ . | quote }}
{{- end }}
{{- if not .Values.useNodeRole }}
AWS_EC2_METADATA_DISABLED: "true"
{{- end }}
{{- end -}}
