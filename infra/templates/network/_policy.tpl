{{/* Head of a policy. dict root, name */}}
{{- define "stylizer.policyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "stylizer.fullname" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "stylizer.labels" (dict "root" .root "component" "network") | nindent 4 }}
{{- end -}}

{{/* Peers: everything in the namespaces of these names. list */}}
{{- define "stylizer.namespacePeers" -}}
- namespaceSelector:
    matchExpressions:
      - { key: kubernetes.io/metadata.name, operator: In, values: {{ toJson . }} }
{{- end -}}

{{/* Clients of the database: core, and KEDA if it queries the queue. */}}
{{- define "stylizer.databaseClients" -}}
- podSelector: {{- include "stylizer.podsOfKind" (dict "root" . "kind" "core") | nindent 4 }}
{{- if include "stylizer.scalesByQueue" . }}
{{ include "stylizer.namespacePeers" (list .Values.networkPolicy.kedaNamespace) }}
{{- end }}
{{- end -}}
