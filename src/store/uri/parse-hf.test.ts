import assert from 'node:assert/strict';
import test from 'node:test';
import { parseReference } from './parse.ts';

const REPO = { owner: 'owner', repo: 'my-Repo_1.5', path: '' };

const read: readonly (readonly [string, object])[] = [
  ['hf://owner/my-Repo_1.5', REPO],
  ['HF://owner/my-Repo_1.5/', REPO],
  ['hf://owner/my-Repo_1.5@main', { ...REPO, revision: 'main' }],
  ['hf://owner/my-Repo_1.5@v1.0+cpu', { ...REPO, revision: 'v1.0+cpu' }],
  ['hf://owner/my-Repo_1.5@refs/pr/1', { ...REPO, revision: 'refs/pr/1' }],
  ['hf://owner/my-Repo_1.5@feature%2Fx', { ...REPO, revision: 'feature/x' }],
  ['hf://owner/my-Repo_1.5/onnx/model.onnx', { ...REPO, path: 'onnx/model.onnx' }],
  ['hf://owner/my-Repo_1.5/onnx/@main', { ...REPO, path: 'onnx', revision: 'main' }],
  ['hf://owner/my-Repo_1.5/onnx/model.onnx@abc', { ...REPO, path: 'onnx/model.onnx', revision: 'abc' }],
  ['hf://owner/my-Repo_1.5/a@b.onnx@main', { ...REPO, path: 'a@b.onnx', revision: 'main' }],
  ['hf://owner/my-Repo_1.5/a b%20#?.bin', { ...REPO, path: 'a b%20#?.bin' }],
];

for (const [uri, rest] of read)
  test(`${uri} is read`, () => {
    assert.deepEqual(parseReference(uri), { ok: true, value: { scheme: 'hf', ...rest } });
  });

const refused: readonly { uri: string; problem: RegExp; remedy?: string }[] = [
  { uri: 'hf://gpt2', problem: /no repository/, remedy: 'hf://owner/repo' },
  { uri: 'hf:owner/repo', problem: /no repository/, remedy: 'hf://owner/repo' },
  { uri: 'hf://owner/', problem: /no repository/, remedy: 'hf://owner/repo' },
  { uri: 'hf://owner/re po', problem: /no repository/, remedy: 'hf://owner/repo' },
  { uri: 'hf://../repo', problem: /no repository/, remedy: 'hf://owner/repo' },
  { uri: 'hf://datasets/owner/repo', problem: /only models/, remedy: 'hf://owner/repo' },
  { uri: 'hf://owner/repo:main', problem: /behind '@'/, remedy: 'hf://owner/repo@main' },
  {
    uri: 'hf://owner/repo@main/onnx/m.onnx',
    problem: /before the revision/,
    remedy: 'hf://owner/repo/onnx/m.onnx@main',
  },
  { uri: 'hf://owner/repo@', problem: /no revision/ },
  { uri: 'hf://owner/repo@a b', problem: /no revision/ },
  { uri: 'hf://owner/repo/a//b', problem: /empty name/ },
  { uri: 'hf://owner/repo/../b', problem: /of dots/ },
  { uri: 'hf://owner/repo?revision=main', problem: /'revision' is not known/ },
];

for (const { uri, problem, remedy } of refused)
  test(`${uri} is refused`, () => {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    assert.equal(result.error.remedy, remedy);
  });
