{{- define "stylizer.tlsSecret" -}}
{{- .Values.tls.secretName | default (printf "%s-tls" (include "stylizer.fullname" .)) -}}
{{- end -}}
