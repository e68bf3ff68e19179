import assert from 'node:assert/strict';
import test from 'node:test';
import { reported } from '../fixtures/reported-image.ts';
import { reportOf } from './report.ts';
import { reportText } from './text.ts';

const MiB = 2 ** 20;

const digits = reported({
  env: ['NODE_VERSION=24.1.0'],
  files: {
    'usr/local/bin/node': 120 * MiB,
    'usr/local/lib/node_modules/npm/cli.js npm:npm': 12 * MiB,
    'usr/lib/libc.so.6 deb:libc6': 12 * MiB,
  },
  packages: [
    { kind: 'deb', name: 'libc6', version: '2.36', bytes: 12 * MiB },
    { kind: 'npm', name: 'npm', version: '11.2.0', bytes: 12 * MiB },
  ],
  layers: [
    {
      role: 'dependencies',
      title: 'onnxruntime-node 1.30.0',
      files: { 'opt/fairlead/node_modules/onnxruntime-node/ort.so': 44 * MiB },
      packages: [
        { kind: 'npm', name: 'onnxruntime-node', version: '1.30.0', bytes: 44 * MiB },
        { kind: 'npm', name: 'onnxruntime-common', version: '1.30.0', bytes: 0 },
      ],
    },
    {
      role: 'program',
      title: 'fairlead 0.1.0',
      files: { 'opt/fairlead/fairlead.js': 8 * MiB },
      packages: [{ kind: 'npm', name: 'fairlead', version: '0.1.0' }],
    },
    { role: 'model', title: 'digits 1', files: { 'models/digits/1/model.onnx': MiB } },
  ],
});

test('a report tells where bytes are, and what could go, in a hundred columns', () => {
  assert.equal(
    reportText(reportOf(digits)),
    `linux/amd64 on r.example/library/node:24-bookworm-slim@sha256:bbbbbbbbbbbb…

  layer         what                      to pull  unpacked
  base          node:24-bookworm-slim    48.0 MiB   144 MiB  ███████████░░░░░  72 %
  dependencies  onnxruntime-node 1.30.0  14.7 MiB  44.0 MiB  ███░░░░░░░░░░░░░  22 %
  program       fairlead 0.1.0            2.7 MiB   8.0 MiB  ░░░░░░░░░░░░░░░░   4 %
  model         digits 1                  1.0 MiB   1.0 MiB  ░░░░░░░░░░░░░░░░   2 %
  in all        if nothing is there      66.3 MiB   197 MiB
                over the base            18.3 MiB                              28 %
                shared on this base      48.0 MiB                              72 %

  takes most               kind    layer         unpacked
  node 24.1.0              native  base           120 MiB
  onnxruntime-node 1.30.0  npm     dependencies  44.0 MiB
  libc6 2.36               deb     base          12.0 MiB
  npm 11.2.0               npm     base          12.0 MiB
  fairlead 0.1.0           npm     program        8.0 MiB

  could go: 12.0 MiB unpacked, about 1.7 MiB to pull
  1. npm and what else comes with Node: 12.0 MiB unpacked, about 1.7 MiB to pull
     The server is one file that Node's program runs; nothing is installed or compiled in an image
     that runs.
     → --base r.example/library/debian:bookworm-slim --node r.example/library/node:24-bookworm-slim
`,
  );
});

test('the totals are sums of the layers, and what is shared is the base', () => {
  const [one] = reportOf(digits).platforms;
  assert.deepEqual(one?.totals, {
    size: 48 * MiB + Math.round((44 * MiB) / 3) + Math.round((8 * MiB) / 3) + MiB,
    unpacked: (144 + 44 + 8 + 1) * MiB,
    overBase: Math.round((44 * MiB) / 3) + Math.round((8 * MiB) / 3) + MiB,
    shared: 48 * MiB,
  });
});

test('a package that tells no bytes has what others leave of its layer', () => {
  const [one] = reportOf(digits).platforms;
  assert.equal(one?.largest.find(({ name }) => name === 'fairlead')?.bytes, 8 * MiB);
});

test('an image of which nothing can go says so in one line', () => {
  const text = reportText(reportOf(reported({ files: { 'usr/lib/libc.so.6': 12 * MiB } })));
  assert.equal(text.split('\n').at(-2), '  Nothing that is known to be spare takes a megabyte.');
});

test('a name that moves the cursor is told without', () => {
  const text = reportText(
    reportOf(reported({ layers: [{ role: 'model', title: 'a\u001b[2Jb 1', files: {} }] })),
  );
  assert.match(text, /a\?\[2Jb 1/);
});
