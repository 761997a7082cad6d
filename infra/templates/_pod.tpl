{{/* The restricted pod security standard; no value weakens it. uid */}}
{{- define "stylizer.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "stylizer.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "stylizer.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* dict root, name, service */}}
{{- define "stylizer.pod" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $gpus := int (dig "gpu" "count" 0 $service) -}}
{{- $onDisk := and (eq $service.kind "core") (eq $root.Values.storage.driver "disk") -}}
metadata:
  labels:
    {{- include "stylizer.podLabels" (dict "root" $root "component" .name "kind" $service.kind) | nindent 4 }}
  {{- with $service.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "stylizer.fullname" $root }}-{{ .name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with include "stylizer.pullSecrets" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext: {{- include "stylizer.podSecurity" 1000 | nindent 4 }}
  terminationGracePeriodSeconds: {{ add $service.preStopSeconds $service.shutdownSeconds 15 }}
  {{- if $gpus }}
  {{- with $service.gpu.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- end }}
  {{- with $service.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or $gpus $service.tolerations }}
  tolerations:
    {{- if $gpus }}
    - { key: {{ $service.gpu.resource }}, operator: Exists, effect: NoSchedule }
    {{- end }}
    {{- with $service.tolerations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with $service.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- range $service.topologyKeys | default (list "kubernetes.io/hostname" "topology.kubernetes.io/zone") }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "stylizer.selectorLabels" (dict "root" $root "component" $.name) | nindent 10 }}
    {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "stylizer.image" (dict "root" $root "service" $service) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      {{- /* args, not command: the image's entry point is an init that reaps children. */}}
      {{- with $service.args }}
      args: {{ toJson . }}
      {{- end }}
      env: {{- include "stylizer.env" (dict "root" $root "service" $service) | trim | nindent 8 }}
      ports:
        {{- range $port, $number := $service.ports }}
        - { name: {{ $port }}, containerPort: {{ $number }}, protocol: TCP }
        {{- end }}
      startupProbe: {{- include "stylizer.startupProbe" . | nindent 8 }}
      livenessProbe: {{- toYaml $service.probes.liveness | nindent 8 }}
      readinessProbe: {{- toYaml $service.probes.readiness | nindent 8 }}
      {{- with $service.preStopSeconds }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ . }} }
      {{- end }}
      resources: {{- include "stylizer.resources" $service | nindent 8 }}
      securityContext: {{- include "stylizer.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - { name: scratch, mountPath: /tmp }
        {{- if $onDisk }}
        - { name: data, mountPath: /data }
        {{- end }}
        {{- if eq $service.kind "core" }}
        {{- with include "stylizer.databaseCaMount" $root }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- end }}
  volumes:
    - name: scratch
      emptyDir: { sizeLimit: {{ $service.scratch }} }
    {{- if $onDisk }}
    - name: data
      persistentVolumeClaim: { claimName: {{ include "stylizer.fullname" $root }}-data }
    {{- end }}
    {{- if eq $service.kind "core" }}
    {{- with include "stylizer.databaseCaVolume" $root }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- end }}
{{- end -}}

{{/*
An api knows the catalogue only once it has asked the inference service. Where that may be scaled to
nothing, a new api counts as started when it has it; the ScaledObject sees new apis and wakes the
service. dict root, name, service
*/}}
{{- define "stylizer.startupProbe" -}}
{{- if and (eq .service.kind "core") .service.ports.http (include "stylizer.scalesToZero" .root) -}}
httpGet: { path: /v1/styles, port: http }
periodSeconds: 5
timeoutSeconds: 20
failureThreshold: 180
{{- else -}}
{{- toYaml .service.probes.startup -}}
{{- end -}}
{{- end -}}

{{/* Requests and limits, with the GPUs. service */}}
{{- define "stylizer.resources" -}}
{{- $resources := deepCopy .resources -}}
{{- $count := int (dig "gpu" "count" 0 .) -}}
{{- if $count -}}
{{- $_ := set $resources.limits .gpu.resource $count -}}
{{- $_ := set $resources.requests .gpu.resource $count -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}
