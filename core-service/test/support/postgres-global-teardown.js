export default async function teardown() {
  const { stopCluster } = await import('./postgres-cluster.ts');
  await stopCluster();
}
