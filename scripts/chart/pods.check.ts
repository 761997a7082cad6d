import { describe, expect, it } from '@jest/globals';
import { type Container, type Pod, podsOf } from './manifest.js';
import { ofKind, rendered } from './rendered.js';

const SHORT_LIVED = ['Job', 'Pod'];
const DATABASE_UID = 999;

const containersOf = ({ spec }: Pod): Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

/** Each rule and the fault to report if it is not true. */
function faults(pods: Pod[], rules: [string, (pod: Pod, container: Container) => boolean][]) {
  return pods.flatMap((pod) =>
    containersOf(pod).flatMap((container) =>
      rules
        .filter(([, holds]) => !holds(pod, container))
        .map(([rule]) => `${pod.of}, ${container.name}: ${rule}`),
    ),
  );
}

describe.each(rendered)('$name', ({ manifests }) => {
  const pods = podsOf(manifests);

  it('pins every image to a version', () => {
    const tagged = /^[^@\s]+\/[^@\s:]+:(?!latest(@|$))[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?$/;
    expect(
      faults(pods, [['image without a version', (_pod, { image }) => tagged.test(image)]]),
    ).toEqual([]);
    for (const { spec } of ofKind(manifests, 'Cluster')) expect(spec.imageName).toMatch(/:\d/);
  });

  it('meets the restricted pod security standard, with a read-only file system', () => {
    expect(
      faults(pods, [
        ['not as root', ({ spec }) => spec.securityContext?.runAsNonRoot === true],
        [
          'with the user of its image',
          ({ of, spec }) =>
            spec.securityContext?.runAsUser === (/postgres$/.test(of) ? DATABASE_UID : 1000),
        ],
        ['as one user everywhere', (_pod, c) => !('runAsUser' in (c.securityContext ?? {}))],
        [
          'the runtime’s seccomp profile',
          ({ spec }) =>
            JSON.stringify(spec.securityContext?.seccompProfile).includes('RuntimeDefault'),
        ],
        ['nothing of the host', ({ spec }) => !spec.hostNetwork && !spec.hostPID && !spec.hostIPC],
        [
          'no folder of the host',
          ({ spec }) => !JSON.stringify(spec.volumes ?? []).includes('hostPath'),
        ],
        ['no token', ({ spec }) => spec.automountServiceAccountToken === false],
        ['no more rights', (_pod, c) => c.securityContext?.allowPrivilegeEscalation === false],
        ['a read-only root', (_pod, c) => c.securityContext?.readOnlyRootFilesystem === true],
        [
          'no capability',
          (_pod, c) => JSON.stringify(c.securityContext?.capabilities) === '{"drop":["ALL"]}',
        ],
      ]),
    ).toEqual([]);
    for (const account of ofKind(manifests, 'ServiceAccount'))
      expect(account.automountServiceAccountToken).toBe(false);
  });

  it('sets requests and limits for CPU, memory and disk of every container', () => {
    const all = ['cpu', 'memory', 'ephemeral-storage'];
    expect(
      faults(pods, [
        ['requests', (_pod, c) => all.every((name) => c.resources?.requests?.[name])],
        ['limits', (_pod, c) => all.every((name) => c.resources?.limits?.[name])],
      ]),
    ).toEqual([]);
  });

  it('has probes for long-running containers, at existing ports', () => {
    const lasting = pods.filter(({ kind }) => !SHORT_LIVED.includes(kind));
    const there = ({ ports = [] }: Container, probe: Container['startupProbe']) => {
      if (!probe) return false;
      const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
      return port === undefined || ports.some(({ name }) => name === port);
    };
    expect(
      faults(lasting, [
        ['startup probe', (_pod, c) => there(c, c.startupProbe)],
        ['liveness probe', (_pod, c) => there(c, c.livenessProbe)],
        ['readiness probe', (_pod, c) => there(c, c.readinessProbe)],
      ]),
    ).toEqual([]);
  });

  it('contains no secret, and reads them from a Secret', () => {
    expect(ofKind(manifests, 'Secret')).toEqual([]);
    const secret = /SECRET|PASSWORD|_KEY(_ID)?$|^DATABASE_URL$/;
    expect(
      faults(pods, [
        [
          'a secret in plain text',
          (_pod, { env = [] }) =>
            env.every(
              ({ name, value, valueFrom }) =>
                !secret.test(name) || valueFrom || value?.includes('$(POSTGRES_PASSWORD)'),
            ),
        ],
      ]),
    ).toEqual([]);
    expect(JSON.stringify(manifests)).not.toMatch(/:\/\/[^/"$\s]+:[^/"$\s@]+@/);
  });

  it('gives running jobs time to finish before a pod is killed', () => {
    for (const { of, spec } of pods) {
      for (const { env = [] } of spec.containers) {
        const read = (name: string) => Number(env.find((each) => each.name === name)?.value ?? NaN);
        const seconds = read('SHUTDOWN_TIMEOUT_SECONDS') || read('SHUTDOWN_TIMEOUT_MS') / 1000;
        if (seconds)
          expect({ of, left: (spec.terminationGracePeriodSeconds ?? 0) - seconds >= 15 }).toEqual({
            of,
            left: true,
          });
      }
    }
  });
});
