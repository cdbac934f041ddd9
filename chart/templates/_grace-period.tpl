{{/*
The pod's terminationGracePeriodSeconds, which GRACE_PERIOD_SECONDS is set to as well: the controller's
lag, what the mode waits for, and the reserve. docs/grace-period.md has the sum.
*/}}
{{- define "draingate.terminationGracePeriodSeconds" -}}
{{- $self := (.Subcharts | default dict).draingate | default . -}}
{{- $values := $self.Values -}}
{{- $settle := include "draingate.settleSeconds" $self | int -}}
{{- $wait := max (int $values.deregistrationDelaySeconds) $settle -}}
{{- if eq $values.releaseWhen "settled" -}}
{{- $wait = $settle -}}
{{- else if eq $values.releaseWhen "idle" -}}
{{- with $values.idle -}}
{{- $wait = min $wait (add $settle .longestRequestSeconds .keepAliveSeconds .seconds) -}}
{{- end -}}
{{- end -}}
{{- $grace := add $values.controllerLagSeconds $wait $values.reserveSeconds -}}
{{- if not (kindIs "invalid" $values.terminationGracePeriodSeconds) -}}
{{- $grace = int $values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- if le (int $grace) (int $values.reserveSeconds) -}}
{{- fail (printf "draingate: terminationGracePeriodSeconds (%d) has to be more than reserveSeconds (%d)" (int $grace) (int $values.reserveSeconds)) -}}
{{- end -}}
{{- $grace -}}
{{- end -}}

{{- define "draingate.settleSeconds" -}}
{{- if kindIs "invalid" .Values.settleSeconds -}}
{{- ternary 120 20 (eq .Values.loadBalancer "nlb") -}}
{{- else -}}
{{- int .Values.settleSeconds -}}
{{- end -}}
{{- end -}}
