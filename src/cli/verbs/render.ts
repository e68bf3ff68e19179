import { jsonLogger } from '#base';
import { type KubeObject, renderJson, yamlText } from '#manifests';
import { tellTerminal } from '../pulls.ts';
import type { ReleaseFlags } from '../release.ts';
import { type Rendered, renderedFrom } from '../release-objects.ts';
import { modelStores } from '../stores.ts';
import { Terminal } from '../terminal.ts';

export interface RenderFlags extends ReleaseFlags {
  readonly kustomize?: string;
  readonly helm?: string;
  /** A folder; true for the cluster. */
  readonly diff?: string | true;
  readonly monitoring?: true;
  readonly gpuAdmin?: true;
  readonly output: 'yaml' | 'json';
}

/** Prints the objects of services, or writes them in another form. */
export async function render(paths: readonly string[], flags: RenderFlags): Promise<void> {
  const terminal = new Terminal(process.stderr);
  const logger = jsonLogger(
    () => 'warn',
    line => terminal.line(line.trimEnd()),
  );
  const { signal } = new AbortController();
  const stores = await modelStores({}, { logger, tell: tellTerminal(terminal), signal });
  const rendered: Rendered[] = [];
  for (const path of paths) rendered.push(await renderedFrom(path, flags, { stores, signal }));
  terminal.end();
  for (const note of new Set(rendered.flatMap(({ notes }) => notes))) terminal.line(`note: ${note}`);
  const objects: readonly KubeObject[] = rendered.flatMap(one => one.objects);
  process.stdout.write(flags.output === 'json' ? renderJson(objects) : yamlText(objects));
}
