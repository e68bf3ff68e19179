/** The cluster, asked by `kubectl` as a process: what a person would type. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Pod {
  readonly name: string;
  readonly isReady: boolean;
  /** Times that its first init container ended badly. */
  readonly initFailures: number;
}

export class Cluster {
  readonly #kubeconfig: string;
  readonly namespace: string;

  constructor(kubeconfig: string, namespace: string) {
    this.#kubeconfig = kubeconfig;
    this.namespace = namespace;
  }

  /** Runs kubectl to its end, and gives what it printed; throws with what it said where it fails. */
  async run(args: readonly string[], input = ''): Promise<string> {
    const flags = ['--kubeconfig', this.#kubeconfig, '--namespace', this.namespace];
    const child = spawn('kubectl', [...flags, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 180_000,
    });
    child.stdin.on('error', () => undefined).end(input);
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return stdout;
    throw new Error(`kubectl ${args.slice(0, 3).join(' ')} ended with ${code}: ${(await stderr).trim()}`);
  }

  async apply(object: object): Promise<void> {
    await this.run(['apply', '-f', '-'], JSON.stringify(object));
  }

  async pods(app: string): Promise<readonly Pod[]> {
    const found = await this.run(['get', 'pods', '-l', `app=${app}`, '-o', 'json']);
    const { items } = JSON.parse(found) as { items: PodObject[] };
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata: { name }, status }) => ({
        name,
        isReady:
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
        initFailures: failuresOf(status.initContainerStatuses?.[0]),
      }));
  }

  /** What a pod answers, through the API server; a body makes it a POST. */
  async ask(pod: string, path: string, body?: string): Promise<unknown> {
    const url = `/api/v1/namespaces/${this.namespace}/pods/${pod}:8501/proxy${path}`;
    const args = body === undefined ? ['get', '--raw', url] : ['create', '--raw', url, '-f', '-'];
    return JSON.parse(await this.run(args, body)) as unknown;
  }

  logs(pod: string, container: string): Promise<string> {
    return this.run(['logs', pod, '-c', container]).catch((error: unknown) => String(error));
  }
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly restartCount: number;
  readonly state?: { readonly terminated?: { readonly exitCode: number } };
}

function failuresOf(status: ContainerStatus | undefined): number {
  const isDown = (status?.state?.terminated?.exitCode ?? 0) !== 0;
  return (status?.restartCount ?? 0) + (isDown ? 1 : 0);
}
