{{/* Name and value, sorted by name; later ones win. list of dicts */}}
{{- define "stylizer.plainEnv" -}}
{{- $all := dict -}}
{{- range . -}}{{- range $name, $value := . -}}{{- $_ := set $all $name $value -}}{{- end -}}{{- end -}}
{{- range $name, $value := $all }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end -}}
{{- end -}}

{{/* Empty where neither is known. */}}
{{- define "stylizer.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if .Values.host -}}
{{ ternary "https" "http" (or .Values.tls.enabled .Values.gateway.enabled) }}://{{ .Values.host }}
{{- end -}}
{{- end -}}

{{/* Variables that api, worker and migration share. */}}
{{- define "stylizer.coreSettings" -}}
NODE_ENV: production
HOST: 0.0.0.0
INFERENCE_URL: {{ include "stylizer.inferenceUrl" . | trim | splitList " " | first }}
INFERENCE_TIMEOUT_SECONDS: {{ .Values.core.inferenceTimeoutSeconds | quote }}
STORAGE_DRIVER: {{ .Values.storage.driver }}
{{- if eq .Values.storage.driver "s3" }}
STORAGE_S3_BUCKET: {{ .Values.storage.s3.bucket }}
STORAGE_S3_REGION: {{ .Values.storage.s3.region }}
{{- with .Values.storage.s3.endpoint }}
STORAGE_S3_ENDPOINT: {{ . }}
{{- end }}
STORAGE_S3_FORCE_PATH_STYLE: {{ .Values.storage.s3.forcePathStyle | quote }}
{{- else }}
STORAGE_DIR: /data/storage
{{- end }}
MAIL_REQUIRED: {{ .Values.mail.required | quote }}
{{- with .Values.mail.from }}
MAIL_FROM: {{ . | quote }}
{{- end }}
{{- with include "stylizer.publicUrl" . }}
PUBLIC_URL: {{ . | quote }}
{{- end }}
TMPDIR: /tmp
{{- with include "stylizer.databaseCa" . }}
NODE_EXTRA_CA_CERTS: {{ . }}/ca.crt
{{- end }}
{{- end -}}

{{/* Optional keys of the Secret: the service works without, or reports what is missing. */}}
{{- define "stylizer.coreSecrets" -}}
{{- $root := . -}}
{{ include "stylizer.databaseEnv" . }}
- name: JWT_SECRET
  valueFrom:
    secretKeyRef: { name: {{ .Values.secrets.name }}, key: JWT_SECRET }
{{- if .Values.mail.required }}
- name: SMTP_URL
  valueFrom:
    secretKeyRef: { name: {{ .Values.secrets.name }}, key: SMTP_URL }
{{- end }}
{{- $optional := list "ENCRYPTION_KEYS" "NEW_RELIC_LICENSE_KEY" -}}
{{- if not .Values.mail.required -}}
{{- $optional = append $optional "SMTP_URL" -}}
{{- end -}}
{{- if eq .Values.storage.driver "s3" -}}
{{- $optional = concat (list "STORAGE_S3_ACCESS_KEY_ID" "STORAGE_S3_SECRET_ACCESS_KEY") $optional -}}
{{- end -}}
{{- range $optional }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $root.Values.secrets.name }}, key: {{ . }}, optional: true }
{{- end }}
{{- /* By default the agent logs to a file, and the file system is read-only. */}}
- name: NEW_RELIC_LOG
  value: stdout
{{- end -}}

{{/* dict root, service */}}
{{- define "stylizer.env" -}}
{{- $ports := dict -}}
{{- with .service.ports.http -}}{{- $_ := set $ports "PORT" . -}}{{- end -}}
{{- with .service.ports.metrics -}}{{- $_ := set $ports "METRICS_PORT" . -}}{{- end -}}
{{- if eq .service.kind "core" -}}
{{- $settings := include "stylizer.coreSettings" .root | fromYaml -}}
{{- $_ := set $settings "SHUTDOWN_TIMEOUT_SECONDS" (int .service.shutdownSeconds) -}}
{{- include "stylizer.plainEnv" (list $settings $ports .root.Values.core.env .service.env) }}
{{ include "stylizer.coreSecrets" .root }}
{{- else if eq .service.kind "inference" -}}
{{- $settings := dict "NODE_ENV" "production" "HOST" "0.0.0.0" "SCRATCH_DIR" "/tmp" "TMPDIR" "/tmp" -}}
{{- $_ := set $settings "INFERENCE_DEVICE" .service.device -}}
{{- $_ := set $settings "SHUTDOWN_TIMEOUT_MS" (printf "%d000" (int .service.shutdownSeconds)) -}}
{{- include "stylizer.plainEnv" (list $settings $ports .service.env) }}
{{- else -}}
{{- include "stylizer.plainEnv" (list $ports .service.env) }}
{{- end -}}
{{- end -}}
