/** Lets the service call servers of the test. */
export const CALLS_TO_TESTS = {
  OUTGOING_ALLOW_HTTP: 'true',
  OUTGOING_PORTS: '1-65535',
  OUTGOING_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
};
