{{/*
Work for the inference service: pending and processing transformations, so that a busy replica is
never removed, and pending styles. With `wake`, one more as long as a
core process is new: it has to read the catalogue. Each of them holds one connection that listens.
dict wake
*/}}
{{- define "stylizer.queueQuery" -}}
SELECT (SELECT count(*) FROM transformations WHERE completed_at IS NULL)
+ (SELECT count(*) FROM styles WHERE status = 'pending')
{{- if .wake }}
+ (SELECT least(count(*), 1) FROM pg_stat_activity WHERE application_name = 'stylizer-listen'
AND backend_start > now() - interval '10 minutes')
{{- end -}}
{{- end -}}

{{/* "true" where a service is scaled by the queue. */}}
{{- define "stylizer.scalesByQueue" -}}
{{- range .Values.services -}}
{{- if and .enabled (eq .autoscaling.type "queue") -}}
true
{{- end -}}
{{- end -}}
{{- end -}}
