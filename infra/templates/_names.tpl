{{- define "stylizer.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* dict root, component */}}
{{- define "stylizer.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* dict root, component */}}
{{- define "stylizer.labels" -}}
{{ include "stylizer.selectorLabels" . }}
app.kubernetes.io/part-of: stylizer
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/*
Labels of pods: nothing that changes with the chart's version, so that a new chart restarts nothing.
Network policies select by kind. dict root, component, kind
*/}}
{{- define "stylizer.podLabels" -}}
{{ include "stylizer.selectorLabels" . }}
stylizer.dev/kind: {{ .kind }}
{{- end -}}

{{/* Pods of one kind, for a network policy. dict root, kind */}}
{{- define "stylizer.podsOfKind" -}}
matchLabels:
  app.kubernetes.io/name: {{ .root.Chart.Name }}
  app.kubernetes.io/instance: {{ .root.Release.Name }}
  stylizer.dev/kind: {{ .kind }}
{{- end -}}

{{/* dict root, service */}}
{{- define "stylizer.image" -}}
{{- $image := .service.image -}}
{{- $tag := printf "%s%s" ($image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) ($image.tagSuffix | default "") -}}
{{- $at := "" -}}
{{- with $image.digest -}}{{- $at = printf "@%s" . -}}{{- end -}}
{{- printf "%s/%s:%s%s" .root.Values.image.registry $image.repository $tag $at -}}
{{- end -}}

{{/* Name of the first service of kind inference: the one that INFERENCE_URL names. */}}
{{- define "stylizer.inferenceUrl" -}}
{{- $root := . -}}
{{- range $name, $service := .Values.services -}}
{{- if and $service.enabled (eq $service.kind "inference") -}}
{{- printf "http://%s-%s:%v " (include "stylizer.fullname" $root) $name $service.ports.http -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* "true" if the inference service may scale to zero. */}}
{{- define "stylizer.scalesToZero" -}}
{{- range .Values.services -}}
{{- if and .enabled (eq .kind "inference") (eq .autoscaling.type "queue") (eq (int .autoscaling.minReplicas) 0) -}}
true
{{- end -}}
{{- end -}}
{{- end -}}
