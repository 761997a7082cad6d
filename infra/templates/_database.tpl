{{- define "stylizer.databaseHost" -}}
{{- if eq .Values.database.mode "bundled" -}}
{{ include "stylizer.fullname" . }}-postgres
{{- else if eq .Values.database.mode "cloudnativepg" -}}
{{ include "stylizer.fullname" . }}-db-rw
{{- end -}}
{{- end -}}

{{/* Name and key of the Secret with the database's URL, or with the bundled database's password. */}}
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

{{/* Whether the chart itself creates something that the migration needs. */}}
{{- define "stylizer.bringsPrerequisites" -}}
{{- if or (ne .Values.database.mode "external") .Values.secrets.externalSecret.enabled .Values.secrets.sealedSecret.enabled -}}
true
{{- end -}}
{{- end -}}

{{/* Path of the CA certificate of an external server; empty if none is given. */}}
{{- define "stylizer.databaseCa" -}}
{{- if and (eq .Values.database.mode "external") .Values.database.external.caSecretName -}}
/etc/stylizer/database
{{- end -}}
{{- end -}}

{{- define "stylizer.databaseCaMount" -}}
{{- with include "stylizer.databaseCa" . -}}
- { name: database-ca, mountPath: {{ . }}, readOnly: true }
{{- end -}}
{{- end -}}

{{- define "stylizer.databaseCaVolume" -}}
{{- if include "stylizer.databaseCa" . -}}
- name: database-ca
  secret:
    secretName: {{ .Values.database.external.caSecretName }}
    items: [{ key: ca.crt, path: ca.crt }]
{{- end -}}
{{- end -}}
