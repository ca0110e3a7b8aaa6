{{/* The part's name: release-part. */}}
{{- define "shoal.name" -}}
{{ printf "%s-%s" .root.Release.Name .part | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "shoal.selector" -}}
app.kubernetes.io/name: shoal
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "shoal.labels" -}}
{{ include "shoal.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "shoal.image" -}}
{{- $image := .root.Values.image -}}
{{ with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}-{{ .part }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* What every pod has: nobody special, nothing writable but what is mounted. */}}
{{- define "shoal.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "shoal.selector" . | nindent 8 }}
{{- end }}

{{/* What every container has. */}}
{{- define "shoal.container" -}}
image: {{ include "shoal.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
startupProbe:
  httpGet: { path: /q/health/started, port: http }
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: { path: /q/health/ready, port: http }
  periodSeconds: 5
livenessProbe:
  httpGet: { path: /q/health/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{- define "shoal.env.kafka" -}}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ .Values.kafka.bootstrapServers | quote }}
- name: SHOAL_PARTITIONS
  value: {{ .Values.kafka.partitions | quote }}
- name: SHOAL_REPLICATION
  value: {{ .Values.kafka.replication | quote }}
{{- end }}

{{- define "shoal.env.s3" -}}
- name: SHOAL_S3_ENDPOINT
  value: {{ .Values.s3.endpoint | quote }}
- name: SHOAL_S3_PUBLIC_ENDPOINT
  value: {{ .Values.s3.publicEndpoint | default .Values.s3.endpoint | quote }}
- name: SHOAL_S3_REGION
  value: {{ .Values.s3.region | quote }}
- name: SHOAL_S3_BUCKET
  value: {{ .Values.s3.bucket | quote }}
{{ include "shoal.env.secret" (list "SHOAL_S3_ACCESS_KEY" .Values.s3.existingSecret "access-key") }}
{{ include "shoal.env.secret" (list "SHOAL_S3_SECRET_KEY" .Values.s3.existingSecret "secret-key") }}
{{- end }}

{{/* list: variable, Secret, key */}}
{{- define "shoal.env.secret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
{{- end }}

{{- define "shoal.env.postgres" -}}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: {{ .jdbcUrl | quote }}
{{ include "shoal.env.secret" (list "QUARKUS_DATASOURCE_USERNAME" .existingSecret "username") }}
{{ include "shoal.env.secret" (list "QUARKUS_DATASOURCE_PASSWORD" .existingSecret "password") }}
{{- end }}

{{/* A quantity such as 512Mi in bytes. */}}
{{- define "shoal.bytes" -}}
{{- $units := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[KMGT]i$" . -}}
{{ mul (trimSuffix $unit . | int64) (get $units $unit | int64) }}
{{- end }}
