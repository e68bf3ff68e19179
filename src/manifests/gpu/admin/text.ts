/** A bundle as a file: what it does and how, as comments, and its objects. */
import { stringify } from 'yaml';
import type { AdminBundle } from './bundle.ts';

/** YAML that `kubectl apply` takes; only comments where there are no objects. */
export function adminText({ title, notes, steps, objects }: AdminBundle): string {
  const told = steps.flatMap(({ why, command }, at) => [`${at + 1}. ${why}`, `     ${command}`]);
  const comments = [title, '', ...notes, '', ...told].map(line => `# ${line}`.trimEnd());
  const documents = objects.map(object => `---\n${stringify(object, { lineWidth: 0 })}`);
  return `${comments.join('\n')}\n${documents.join('')}`;
}
