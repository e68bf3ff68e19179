import type { Registry } from '../metrics/registry.ts';

/** The process' own metrics; call what it returns before reading them. */
export function processMetrics(registry: Registry): () => void {
  const cpu = registry.counter('process_cpu_seconds_total');
  const memory = registry.gauge('process_resident_memory_bytes');
  registry.gauge('process_start_time_seconds').set(Date.now() / 1000 - process.uptime());
  let counted = 0;
  return () => {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    cpu.add(seconds - counted);
    counted = seconds;
    memory.set(process.memoryUsage.rss());
  };
}

/** When the certificate of its ports ends, where they have one; call what it returns before reading. */
export function expiryMetric(registry: Registry, expirySeconds: () => number | undefined): () => void {
  return () => {
    const seconds = expirySeconds();
    if (seconds !== undefined) registry.gauge('tls_certificate_expiry_seconds').set(seconds);
  };
}
