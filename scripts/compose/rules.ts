interface Service {
  image?: string;
  build?: object;
  command?: string[] | null;
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  networks?: Record<string, unknown> | null;
  ports?: { target: number; host_ip?: string }[];
  healthcheck?: { disable?: boolean; test?: string[] };
  depends_on?: Record<string, { condition: string }>;
}

/** The loader's output, as far as it is used here. */
export interface Project {
  services: Record<string, Service>;
}

/** @returns violations of our own rules, which the loader does not check. */
export function faultsOf({ services }: Project): string[] {
  return Object.entries(services).flatMap(([name, service]) => [
    ...imageFaults(name, service),
    ...portFaults(name, service),
    ...dependencyFaults(name, service, services),
  ]);
}

function imageFaults(name: string, { image, build }: Service): string[] {
  if (build) return [];
  const pinned = /:[\w.-]*\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image ?? '');
  return pinned ? [] : [`${name}: ${image} is not pinned to a version`];
}

/** Published ports bypass a firewall, so they must bind to the loopback unless configured otherwise. */
const portFaults = (name: string, { ports = [] }: Service): string[] =>
  ports
    .filter((port) => port.host_ip !== '127.0.0.1')
    .map((port) => `${name}: port ${port.target} is open to the network`);

/** Waiting for a healthy service requires a health check, in the file or in our own image. */
function dependencyFaults(
  name: string,
  { depends_on: needed = {} }: Service,
  services: Record<string, Service>,
): string[] {
  return Object.entries(needed).flatMap(([other, { condition }]) => {
    const target = services[other];
    if (condition === 'service_healthy' && !target?.healthcheck?.test && !target?.build)
      return [`${name}: waits for the health of ${other}, which has no check`];
    if (condition === 'service_completed_successfully' && target?.restart === 'unless-stopped')
      return [`${name}: waits for the end of ${other}, which restarts forever`];
    return [];
  });
}
