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

{{- define "shoal.serviceAccount" -}}
{{- $account := (index .root.Values .part).serviceAccount -}}
{{ $account.name | default (ternary (include "shoal.name" .) "default" $account.create) }}
{{- end }}

{{/* Every pod: an unprivileged user, nothing writable but what is mounted. */}}
{{- define "shoal.pod" -}}
serviceAccountName: {{ include "shoal.serviceAccount" . }}
automountServiceAccountToken: false
terminationGracePeriodSeconds: {{ include "shoal.number" (index .root.Values .part).terminationGracePeriodSeconds }}
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

{{/* Annotations of every pod: where Prometheus finds the metrics, and the operator's own, which win. */}}
{{- define "shoal.podAnnotations" -}}
{{- $scrape := dict "prometheus.io/scrape" "true" "prometheus.io/port" "9000" "prometheus.io/path" "/q/metrics" -}}
{{- toYaml (merge dict .root.Values.podAnnotations $scrape) }}
{{- end }}

{{/* Every container. preStop keeps it serving until no endpoint names it any more; a worker hands over at once. */}}
{{- define "shoal.container" -}}
image: {{ include "shoal.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- if and .root.Values.preStopSeconds (ne .part "swarm") }}
lifecycle:
  preStop:
    sleep: { seconds: {{ include "shoal.number" .root.Values.preStopSeconds }} }
{{- end }}
startupProbe:
  httpGet: { path: /q/health/started, port: management }
  periodSeconds: 1
  failureThreshold: {{ include "shoal.number" .root.Values.startupSeconds }}
readinessProbe:
  httpGet: { path: /q/health/ready, port: management }
  periodSeconds: 5
livenessProbe:
  httpGet: { path: /q/health/live, port: management }
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{/* A number as it was written: 1000000, never 1e+06. */}}
{{- define "shoal.number" -}}
{{- if eq (float64 .) (float64 (int64 .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end }}

{{- define "shoal.env.kafka" -}}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ .Values.kafka.bootstrapServers | quote }}
- name: SHOAL_PARTITIONS
  value: {{ include "shoal.number" .Values.kafka.partitions | quote }}
- name: SHOAL_REPLICATION
  value: {{ include "shoal.number" .Values.kafka.replication | quote }}
{{- range $name, $value := .Values.kafka.settings }}
- name: KAFKA_{{ $name | upper | replace "." "_" | replace "-" "_" }}
  value: {{ if or (kindIs "string" $value) (kindIs "bool" $value) }}{{ $value | quote }}{{ else }}{{ include "shoal.number" $value | quote }}{{ end }}
{{- end }}
{{- end }}

{{/* Variables from ConfigMaps and Secrets: those of every pod, then the part's own. */}}
{{- define "shoal.envFrom" -}}
{{- with concat .root.Values.extraEnvFrom (index .root.Values .part).extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* "true" for a part that shows the token of its service account to get credentials for S3. */}}
{{- define "shoal.webIdentity" -}}
{{- if and .root.Values.s3.webIdentity.enabled (ne .part "tracker") }}true{{ end -}}
{{- end }}

{{/* What is mounted beside the chart's own volumes: the token for S3, of every pod, then the part's own. */}}
{{- define "shoal.extraVolumeMounts" -}}
{{- if include "shoal.webIdentity" . }}
- { name: s3-identity, mountPath: /var/run/secrets/shoal, readOnly: true }
{{- end }}
{{- with concat .root.Values.extraVolumeMounts (index .root.Values .part).extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "shoal.extraVolumes" -}}
{{- if include "shoal.webIdentity" . }}
- name: s3-identity
  projected:
    sources:
      - serviceAccountToken:
          path: s3-token
          audience: {{ .root.Values.s3.webIdentity.audience | quote }}
          expirationSeconds: {{ include "shoal.number" .root.Values.s3.webIdentity.tokenSeconds }}
{{- end }}
{{- with concat .root.Values.extraVolumes (index .root.Values .part).extraVolumes }}
{{ toYaml . }}
{{- end }}
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
{{- with .Values.s3.existingSecret }}
{{ include "shoal.env.secret" (list "SHOAL_S3_ACCESS_KEY" . "access-key") }}
{{ include "shoal.env.secret" (list "SHOAL_S3_SECRET_KEY" . "secret-key") }}
{{- end }}
{{- with .Values.s3.stsEndpoint }}
- name: SHOAL_S3_STS_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- if .Values.s3.webIdentity.enabled }}
{{- if .Values.s3.existingSecret }}{{ fail "s3.webIdentity.enabled needs an empty s3.existingSecret: a fixed key would be used instead" }}{{ end }}
- name: AWS_REGION
  value: {{ .Values.s3.region | quote }}
- name: AWS_WEB_IDENTITY_TOKEN_FILE
  value: /var/run/secrets/shoal/s3-token
{{- with .Values.s3.webIdentity.roleArn }}
- name: AWS_ROLE_ARN
  value: {{ . | quote }}
{{- end }}
- name: AWS_ROLE_SESSION_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
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
- name: QUARKUS_DATASOURCE_JDBC_MAX_SIZE
  value: {{ include "shoal.number" .poolSize | quote }}
{{ include "shoal.env.secret" (list "QUARKUS_DATASOURCE_USERNAME" .existingSecret "username") }}
{{ include "shoal.env.secret" (list "QUARKUS_DATASOURCE_PASSWORD" .existingSecret "password") }}
{{- end }}

{{/* A quantity such as 512Mi in bytes. */}}
{{- define "shoal.bytes" -}}
{{- $units := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[KMGT]i$" . -}}
{{ mul (trimSuffix $unit . | int64) (get $units $unit | int64) }}
{{- end }}

{{/* Peers in a NetworkPolicy: everything that is globally routable. */}}
{{- define "shoal.publicAddresses" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except:
      - 0.0.0.0/8
      - 10.0.0.0/8
      - 100.64.0.0/10
      - 127.0.0.0/8
      - 169.254.0.0/16
      - 172.16.0.0/12
      - 192.0.0.0/24
      - 192.0.2.0/24
      - 192.168.0.0/16
      - 198.18.0.0/15
      - 198.51.100.0/24
      - 203.0.113.0/24
      - 224.0.0.0/3
- ipBlock:
    cidr: 2000::/3
    except:
      - 2001::/23
      - 2001:db8::/32
      - 2002::/16
      - 3fff::/20
{{- end }}
