import { execForm } from './words.ts';

/** How Docker asks whether a container is well; Kubernetes has probes of its own and passes over it. */
export interface Health {
  /** The program of Node in the image. */
  readonly node: string;
  /** What answers 200 when all is well, on the container's own loopback. */
  readonly url: string;
}

/** That of the base asks for another program. Ten minutes are what a large model may take until it answers; a container that is well sooner is well at once. */
export function healthCheck(health: Health | undefined): string {
  if (health === undefined) return 'HEALTHCHECK NONE';
  const { node, url } = health;
  const ask = `fetch(${JSON.stringify(url)}).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
  const times = '--interval=10s --timeout=5s --start-period=10m --retries=3';
  return `HEALTHCHECK ${times} \\\n  CMD ${execForm([node, '--eval', ask])}`;
}
