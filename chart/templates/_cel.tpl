{{/*
A value as a CEL expression of the given type. A map is an object of that type, for maps of mixed values
are not possible in Kubernetes' CEL; a map with `cel` only is an expression already.
*/}}
{{- define "draingate.cel" -}}
{{- $type := .type -}}
{{- if kindIs "map" .value -}}
{{- if .value.cel -}}
{{- .value.cel -}}
{{- else if regexMatch "resources\\.(requests|limits)$" $type -}}
{{- $entries := list -}}
{{- range $name, $quantity := .value -}}
{{- $entries = append $entries (printf "%s: %s" (toJson $name) (toString $quantity | toJson)) -}}
{{- end -}}
{{- printf "{%s}" (join ", " $entries) -}}
{{- else -}}
{{- $fields := list -}}
{{- range $name, $value := .value -}}
{{- $cel := include "draingate.cel" (dict "type" (printf "%s.%s" $type $name) "value" $value) -}}
{{- $fields = append $fields (printf "  %s: %s" $name ($cel | replace "\n" "\n  ")) -}}
{{- end -}}
{{- printf "%s{\n%s\n}" $type (join ",\n" $fields) -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- $items := list -}}
{{- range .value -}}
{{- $items = append $items (include "draingate.cel" (dict "type" $type "value" .)) -}}
{{- end -}}
{{- printf "[%s]" (join ", " $items) -}}
{{- else if kindIs "string" .value -}}
{{- toJson .value -}}
{{- else if kindIs "bool" .value -}}
{{- .value -}}
{{- else -}}
{{- int64 .value -}}
{{- end -}}
{{- end -}}
