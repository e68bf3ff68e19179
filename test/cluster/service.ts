/** A service on the cluster as a user has it: a file, `fairlead apply`, and the address that clients know. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root, until } from '../programs/fairlead.ts';
import type { Cluster } from './kubectl.ts';

const run = promisify(execFile);
const SECONDS = 240;
const KNOWN_SECONDS = 60;

/** What a service of these journeys needs at least: nodes of a test are small. */
export const small = { cpu: '20m', memory: '256Mi' };

export class Service {
  readonly #cluster: Cluster;
  readonly #kubeconfig: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'fairlead-service-'));
  readonly name: string;

  constructor(name: string, cluster: Cluster, kubeconfig: string) {
    this.name = name;
    this.#cluster = cluster;
    this.#kubeconfig = kubeconfig;
  }

  /** The service file with this in it. */
  write(spec: object, file = 'fairlead.yaml'): string {
    const path = join(this.#folder, file);
    writeFileSync(path, JSON.stringify({ kind: 'ModelService', metadata: { name: this.name }, spec }));
    return path;
  }

  /** `fairlead apply --wait`; what it printed. */
  async apply(spec: object, ...words: readonly string[]): Promise<string> {
    return this.fairlead('apply', this.write(spec), '--wait', ...words);
  }

  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async fairlead(...words: readonly string[]): Promise<string> {
    const where = ['--namespace', this.#cluster.namespace, '--kubeconfig', this.#kubeconfig];
    const { stdout, stderr } = await run(join(root, 'fairlead'), [...words, ...where], {
      timeout: SECONDS * 1000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout + stderr;
  }

  /** Where nodes and pods reach it: the cluster's own address of its Service. */
  async url(service = this.name): Promise<string> {
    const ip = await this.#cluster.run(['get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}']);
    const url = `http://${ip}`;
    // A Service that is new takes a moment until nodes know of it.
    const isKnown = (): Promise<boolean> =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await until(isKnown, KNOWN_SECONDS);
    return url;
  }
}
