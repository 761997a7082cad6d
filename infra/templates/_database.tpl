{{- define "stylizer.databaseHost" -}}
{{- if eq .Values.database.mode "bundled" -}}
{{ include "stylizer.fullname" . }}-postgres
{{- else if eq .Values.database.mode "cloudnativepg" -}}
{{ include "stylizer.fullname" . }}-db-rw
{{- end -}}
{{- end -}}

{{/* Name and key of the Secret with what opens the database: a URL, or the bundled one's password. */}}
{{- define "stylizer.databaseSecret" -}}
{{- $database := .Values.database -}}
{{- if eq $database.mode "bundled" -}}
name: {{ $database.bundled.passwordSecretName | default .Values.secrets.name }}
key: POSTGRES_PASSWORD
{{- else if eq $database.mode "cloudnativepg" -}}
name: {{ include "stylizer.fullname" . }}-db-app
key: uri
{{- else -}}
name: {{ $database.external.secretName | default .Values.secrets.name }}
key: {{ $database.external.secretKey }}
{{- end -}}
{{- end -}}

{{- define "stylizer.databaseEnv" -}}
{{- if eq .Values.database.mode "bundled" -}}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef: {{- include "stylizer.databaseSecret" . | nindent 6 }}
- name: DATABASE_URL
  value: postgres://stylizer:$(POSTGRES_PASSWORD)@{{ include "stylizer.databaseHost" . }}:5432/stylizer
{{- else -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: {{- include "stylizer.databaseSecret" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* Whether the chart itself makes something that the migration cannot do without. */}}
{{- define "stylizer.bringsPrerequisites" -}}
{{- if or (ne .Values.database.mode "external") .Values.secrets.externalSecret.enabled .Values.secrets.sealedSecret.enabled -}}
true
{{- end -}}
{{- end -}}
