/** A Kubernetes object, as far as the checks use it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels; annotations?: Labels; namespace?: string };
  // Some twenty kinds have different shapes, which helm and kubeconform check; the tests read parts of them.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  spec?: any;
  [field: string]: unknown;
}

export type Labels = Record<string, string>;

export interface Probe {
  httpGet?: { port: string };
  tcpSocket?: { port: string };
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: object }[];
  ports?: { name: string; containerPort: number }[];
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: Record<string, unknown>;
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  securityContext?: Record<string, unknown>;
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  volumes?: object[];
}

export interface Pod {
  /** `Deployment stylizer-core-api`. */
  of: string;
  kind: string;
  labels: Labels;
  spec: PodSpec;
}

/** Every pod that the manifests create, with its owner. */
export function podsOf(manifests: Manifest[]): Pod[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const of = `${kind} ${metadata.name}`;
    if (kind === 'Pod') return [{ of, kind, labels: metadata.labels ?? {}, spec }];
    const template = spec?.template;
    if (!template?.spec?.containers) return [];
    return [{ of, kind, labels: template.metadata.labels, spec: template.spec }];
  });
}

interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

export function selects(selector: Selector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`no check for the operator ${operator}`);
      return values.includes(labels[key] ?? '');
    })
  );
}
