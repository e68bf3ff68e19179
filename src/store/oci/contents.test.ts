import assert from 'node:assert/strict';
import test from 'node:test';
import type { Descriptor } from '../registry/manifest.ts';
import { type Contents, contentsOf } from './contents.ts';

const digest = (index: number): string => `sha256:${String(index).padStart(12, '0')}${'0'.repeat(52)}`;
const OCI = 'application/vnd.oci.image.layer.v1';
const TITLE = 'org.opencontainers.image.title';
const UNPACK = 'io.deis.oras.content.unpack';
const FILE = 'org.cncf.model.filepath';
const IMAGE = 'application/vnd.oci.image.config.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

type Layer = readonly [mediaType: string, annotations?: Readonly<Record<string, string>>];

function read(layers: readonly Layer[], config = EMPTY): ReturnType<typeof contentsOf> {
  const described = layers.map(
    ([mediaType, annotations = {}], index): Descriptor => ({
      mediaType,
      annotations,
      digest: digest(index),
      size: 1,
    }),
  );
  const [first] = described;
  assert.ok(first !== undefined || layers.length === 0);
  return contentsOf({
    kind: 'manifest',
    artifactType: undefined,
    config: { mediaType: config, annotations: {}, digest: digest(99), size: 2 },
    layers: described,
  });
}

/** `path` or `path=format`, in order. */
function told({ parts }: Contents): string[] {
  return parts.map(({ path, format }) => (format === undefined ? path : `${path}=${format}`));
}

const known: readonly {
  name: string;
  layers: readonly Layer[];
  config?: string;
  parts: readonly string[];
}[] = [
  {
    name: 'an image',
    config: IMAGE,
    layers: [[`${OCI}.tar`], [`${OCI}.tar+gzip`], [`${OCI}.tar+zstd`]],
    parts: [
      'layer-1-000000000000.tar=tar',
      'layer-2-000000000001.tar+gzip=tar+gzip',
      'layer-3-000000000002.tar+zstd=tar+zstd',
    ],
  },
  {
    name: "Docker's image",
    config: 'application/vnd.docker.container.image.v1+json',
    layers: [['application/vnd.docker.image.rootfs.diff.tar.gzip']],
    parts: ['layer-1-000000000000.tar+gzip=tar+gzip'],
  },
  {
    name: 'files of ORAS',
    layers: [
      [`${OCI}.tar`, { [TITLE]: 'b/model.onnx' }],
      ['text/plain', { [TITLE]: 'a.txt' }],
      [`${OCI}.tar+gzip`, { [TITLE]: 'data.tar.gz' }],
      [`${OCI}.tar+gzip`, { [TITLE]: 'kept', [UNPACK]: 'false' }],
    ],
    parts: ['b/model.onnx', 'a.txt', 'data.tar.gz', 'kept'],
  },
  {
    name: 'folders of ORAS',
    layers: [
      [`${OCI}.tar+gzip`, { [TITLE]: 'd', [UNPACK]: 'true' }],
      ['application/x-acme', { [TITLE]: 'e', [UNPACK]: 'true' }],
      ['application/x-acme+zstd', { [TITLE]: 'f', [UNPACK]: 'true' }],
      [`${OCI}.tar`, { [TITLE]: 'g', [UNPACK]: 'true' }],
      [`${OCI}.tar+gzip`, { [TITLE]: 'h' }],
    ],
    parts: ['d=tar+gzip', 'e=tar+gzip', 'f=tar+zstd', 'g=tar', 'h=tar+gzip'],
  },
  {
    name: 'files of ORAS with the config of an image',
    config: IMAGE,
    layers: [[`${OCI}.tar`, { [TITLE]: 'model.onnx' }]],
    parts: ['model.onnx'],
  },
  {
    name: 'a ModelPack',
    layers: [
      ['application/vnd.cncf.model.weight.v1.raw', { [FILE]: 'w/model.safetensors' }],
      ['application/vnd.cncf.model.weight.config.v1.tar', { [FILE]: 'config.json' }],
      ['application/vnd.cncf.model.code.v1.tar+gzip', { [FILE]: 'run.py' }],
      ['application/vnd.cncf.model.doc.v1.tar+zstd'],
      ['application/vnd.cncf.model.dataset.v1.tar'],
    ],
    parts: [
      'w/model.safetensors',
      'layer-000000000001.tar=tar',
      'layer-000000000002.tar+gzip=tar+gzip',
      'layer-000000000003.tar+zstd=tar+zstd',
    ],
  },
  {
    name: 'a ModelPack of before the CNCF',
    layers: [
      ['application/vnd.cnai.model.layer.v1.tar'],
      ['application/vnd.cnai.model.weight.v1.raw', { 'org.cnai.model.filepath': 'm.gguf' }],
    ],
    parts: ['layer-000000000000.tar=tar', 'm.gguf'],
  },
  {
    name: 'a ModelKit',
    layers: [
      ['application/vnd.kitops.modelkit.model.v1.tar+gzip'],
      ['application/vnd.kitops.modelkit.modelpart.v1.tar'],
      ['application/vnd.kitops.modelkit.dataset.v1.tar+gzip'],
    ],
    parts: ['layer-000000000000.tar+gzip=tar+gzip', 'layer-000000000001.tar=tar'],
  },
  {
    name: 'a model of Docker',
    layers: [
      ['application/vnd.docker.ai.gguf.v3'],
      ['application/vnd.docker.ai.license'],
      ['application/vnd.docker.ai.vllm.config.tar'],
    ],
    parts: ['model.gguf', 'LICENSE', 'layer-000000000002.tar=tar'],
  },
  {
    name: 'a model of Docker in pieces',
    layers: [['application/vnd.docker.ai.safetensors'], ['application/vnd.docker.ai.safetensors']],
    parts: ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
  },
  {
    name: 'a model of Docker that says its names',
    layers: [
      ['application/vnd.docker.ai.gguf.v3', { [FILE]: 'a.gguf' }],
      ['application/vnd.docker.ai.gguf.v3', { [FILE]: 'b.gguf' }],
    ],
    parts: ['a.gguf', 'b.gguf'],
  },
  { name: 'what has an empty layer', layers: [[EMPTY], ['x/y', { [TITLE]: 'a' }]], parts: ['a'] },
];

for (const { name, layers, config, parts } of known)
  test(`${name} is known by its layers`, () => {
    const contents = read(layers, config);
    assert.ok(contents.ok, contents.ok ? '' : contents.error);
    assert.deepEqual(told(contents.value), parts);
    assert.equal(contents.value.isImage, /^(?:an|Docker's) image$/.test(name));
  });

const refused: readonly { name: string; layers: readonly Layer[]; config?: string; problem: RegExp }[] = [
  {
    name: 'a chart',
    layers: [['application/vnd.cncf.helm.chart.content.v1.tar+gzip']],
    problem: /no model .* and has layers of application\/vnd\.cncf\.helm/,
  },
  {
    name: 'an unknown layer of Docker',
    layers: [['application/vnd.docker.ai.constructor']],
    problem: /no model/,
  },
  { name: 'nothing', layers: [], problem: /has no layers/ },
  { name: 'an empty artifact', layers: [[EMPTY]], problem: /is application\/vnd\.oci\.empty/ },
  {
    name: 'a layer without a title',
    layers: [['x/y', { [TITLE]: 'a' }], ['x/z']],
    problem: /layers of x\/y, x\/z/,
  },
  { name: 'layers of an image without one', layers: [[`${OCI}.tar`]], problem: /no model/ },
  {
    name: 'raw weights without a name',
    layers: [['application/vnd.cncf.model.weight.v1.raw']],
    problem: /no model/,
  },
  {
    name: 'raw weights that are packed',
    layers: [['application/vnd.cncf.model.weight.v1.raw+gzip', { [FILE]: 'a' }]],
    problem: /no model/,
  },
  { name: 'only a data set', layers: [['application/vnd.cncf.model.dataset.v1.tar']], problem: /no model/ },
  {
    name: 'a title that leads out',
    layers: [['x/y', { [TITLE]: '../a' }]],
    problem: /the name '\.\.\/a', which is not a file's/,
  },
  { name: 'an absolute title', layers: [['x/y', { [TITLE]: '/etc/passwd' }]], problem: /not a file's/ },
  { name: 'an empty title', layers: [['x/y', { [TITLE]: '' }]], problem: /not a file's/ },
  {
    name: 'a path that leads out',
    layers: [['application/vnd.cncf.model.weight.v1.raw', { [FILE]: 'a/../../b' }]],
    problem: /not a file's/,
  },
  {
    name: 'two files of one name',
    layers: [
      ['x/y', { [TITLE]: 'a' }],
      ['x/z', { [TITLE]: 'a' }],
    ],
    problem: /two layers have the name 'a'/,
  },
];

for (const { name, layers, config, problem } of refused)
  test(`${name} is refused`, () => {
    const contents = read(layers, config);
    assert.ok(!contents.ok);
    assert.match(contents.error, problem);
  });
