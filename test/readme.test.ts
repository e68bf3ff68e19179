/** Every `curl` that a README shows is run against the service it speaks of, as a reader would paste it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root, running } from './programs/fairlead.ts';

const pages = [
  { page: 'README.md', service: 'examples/digits' },
  { page: 'examples/digits/README.md', service: 'examples/digits' },
  { page: 'examples/diabetes/README.md', service: 'examples/diabetes' },
];

const skip = spawnSync('curl', ['--version']).status === 0 ? false : 'curl is not installed';

for (const { page, service } of pages) {
  test(`the requests in ${page} are answered`, { skip }, async t => {
    const commands = shellBlocks(readFileSync(join(root, page), 'utf8')).filter(block =>
      block.startsWith('curl'),
    );
    assert(commands.length > 0);
    const { url } = await running(t, ['up', service]);
    for (const command of commands) {
      const pasted = command.replaceAll('http://127.0.0.1:8501', url);
      const text = execFileSync('sh', ['-c', pasted], { cwd: root, encoding: 'utf8', timeout: 20_000 });
      assert.match(text, /^\{[^]*"(predictions|outputs)":/, `${command}\n${text}`);
      assert.equal(text.includes('"error"'), false);
    }
  });
}

/** A page's `sh` blocks. */
function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block);
}
