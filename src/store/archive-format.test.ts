import assert from 'node:assert/strict';
import test from 'node:test';
import { withArchive } from './archive-format.ts';

const file = (path: string) => ({ path, key: `k/${path}`, size: 3, token: 'a' });

test('an archive that a URI names is unpacked, in whichever store it lies', () => {
  for (const [name, format] of [
    ['m.tar.gz', 'tar+gzip'],
    ['m.zip', 'zip'],
    ['m.tar.zst', 'tar+zstd'],
  ] as const)
    assert.deepEqual(withArchive({ files: [file(name)], named: name, revision: 'r' }), {
      files: [{ ...file(name), unpack: { format } }],
      revision: 'r',
    });
});

test('other files, and archives in a folder, are what they are', () => {
  for (const listing of [
    { files: [file('m.onnx'), file('m.onnx.data')], named: 'm.onnx' },
    { files: [file('assets.zip'), file('m.onnx')] },
  ])
    assert.deepEqual(withArchive(listing), listing);
});
