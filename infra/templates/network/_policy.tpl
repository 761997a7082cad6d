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

{{/* Who may reach the database, besides its own: core, and KEDA where it asks. */}}
{{- define "stylizer.databaseClients" -}}
- podSelector: {{- include "stylizer.podsOfKind" (dict "root" . "kind" "core") | nindent 4 }}
{{- if include "stylizer.scalesByQueue" . }}
{{ include "stylizer.namespacePeers" (list .Values.networkPolicy.kedaNamespace) }}
{{- end }}
{{- end -}}
