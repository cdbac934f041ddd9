{{/*
How a sidecar gets at the lookout. In an application's chart that is lookout.url; with lookout.enabled it is
this release's own. These can be called with the context of the application's chart, as those of _names.tpl.
*/}}

{{/* Where the lookout is asked; empty where the sidecar looks for itself. */}}
{{- define "draingate.lookoutUrl" -}}
{{- if .Values.lookout.url -}}
{{- .Values.lookout.url -}}
{{- else if .Values.lookout.enabled -}}
{{- $scheme := ternary "https" "http" (ne .Values.lookout.tls.secretName "") -}}
{{- printf "%s://%s:8089" $scheme (include "draingate.lookout.host" .) -}}
{{- end -}}
{{- end -}}

{{/* Whether a sidecar asks AWS and the Kubernetes API itself, always or at times: "true" or nothing. */}}
{{- define "draingate.looksForItself" -}}
{{- if or (not (include "draingate.lookoutUrl" .)) (eq .Values.lookout.else "self") -}}
true
{{- end -}}
{{- end -}}

{{/* The pod's volumes: nothing, or the token that says to the lookout who asks, and the lookout's CA. */}}
{{- define "draingate.volumes" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- if include "draingate.lookoutUrl" $self -}}
- name: draingate
  projected:
    sources:
      # The API server does not accept a token of this audience: it is of no use to anybody but the lookout.
      - serviceAccountToken:
          audience: draingate
          expirationSeconds: 3600
          path: token
      {{- with $self.Values.lookout.tls.caConfigMap }}
      {{- if .name }}
      - configMap:
          name: {{ .name }}
          items:
            - key: {{ .key }}
              path: ca.crt
          # Without it the pod starts all the same, and its hooks fall back.
          optional: true
      {{- end }}
      {{- end }}
{{- end -}}
{{- end -}}

{{/* The mounts of the container that runs draingate: nothing, or that volume. */}}
{{- define "draingate.volumeMounts" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- if include "draingate.lookoutUrl" $self -}}
- name: draingate
  mountPath: /var/run/secrets/draingate
  readOnly: true
{{- end -}}
{{- end -}}

{{- define "draingate.lookoutSettings" -}}
{{- $lookout := .Values.lookout -}}
{{- with include "draingate.lookoutUrl" . -}}
LOOKOUT_URL: {{ . | quote }}
{{- if ne $lookout.else "nobody" }}
LOOKOUT_ELSE: {{ $lookout.else }}
{{- end }}
{{- if $lookout.tls.caConfigMap.name }}
LOOKOUT_CA_FILE: /var/run/secrets/draingate/ca.crt
{{- else if and $lookout.tls.secretName (not $lookout.url) }}
{{- fail "draingate: with lookout.tls.secretName the sidecars need the CA, for no public one knows a .svc name: set lookout.tls.caConfigMap.name." }}
{{- end }}
{{- end -}}
{{- end -}}
