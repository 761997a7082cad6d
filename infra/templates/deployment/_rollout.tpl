{{/* For Argo Rollouts. dict root, name, service */}}
{{- define "stylizer.rolloutStrategy" -}}
{{- $fullname := printf "%s-%s" (include "stylizer.fullname" .root) .name -}}
{{- $rollout := .service.rollout -}}
{{- if eq $rollout.strategy "blueGreen" -}}
blueGreen:
  activeService: {{ $fullname }}
  previewService: {{ $fullname }}-preview
  autoPromotionEnabled: {{ $rollout.autoPromotion }}
  scaleDownDelaySeconds: 60
  postPromotionAnalysis:
    {{- include "stylizer.rolloutAnalysis" $fullname | nindent 4 }}
{{- else -}}
canary:
  maxUnavailable: 0
  maxSurge: 1
  # Shares are of replicas: no traffic router is asked for.
  steps:
    {{- range $weight := $rollout.weights }}
    - setWeight: {{ $weight }}
    - pause: { duration: {{ $rollout.pause }} }
    - analysis:
        {{- include "stylizer.rolloutAnalysis" $fullname | nindent 8 }}
    {{- end }}
{{- end -}}
{{- end -}}

{{- define "stylizer.rolloutAnalysis" -}}
templates: [{ templateName: {{ . }}-errors }]
args:
  - name: pod-template-hash
    valueFrom: { podTemplateHashValue: Latest }
{{- end -}}
