import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { elementTypes, identityModel } from '../../fixtures/onnx-file.ts';
import { CONFIG, type Leaf, rooted, rowsOfFour, told } from '../fixtures/tree.ts';
import { type RepositoryOptions, readRepository } from './read-repository.ts';

const onnx = rowsOfFour;

const layouts: readonly {
  holds: string;
  leaves: Readonly<Record<string, Leaf>>;
  options?: RepositoryOptions;
  at?: string;
  gives: readonly (string | RegExp)[];
}[] = [
  {
    holds: 'one file',
    leaves: { 'digits.onnx': onnx },
    at: 'digits.onnx',
    gives: [/^digits [0-9a-f]{8}:digits.onnx$/],
  },
  {
    holds: 'one file in the folder of a version',
    leaves: { '3/model.onnx': onnx },
    at: '3/model.onnx',
    gives: ['shop 3:model.onnx'],
  },
  {
    holds: 'a folder with a file',
    leaves: { 'digits.onnx': onnx, 'labels.txt': 'a' },
    gives: [/^shop [0-9a-f]{8}:digits.onnx$/],
  },
  {
    holds: 'numbered versions',
    leaves: { '2/model.onnx': onnx, '10/model.onnx': onnx, '9/other.onnx': onnx },
    gives: ['shop 10:model.onnx not 2 9'],
  },
  {
    holds: 'numbered versions, all of them wanted',
    leaves: { '2/model.onnx': onnx, '10/model.onnx': onnx, '9/other.onnx': onnx },
    options: { versions: { all: {} } },
    gives: ['shop 2:model.onnx 9:other.onnx 10:model.onnx'],
  },
  {
    holds: 'a folder of models of every kind',
    leaves: {
      'a/1/model.onnx': onnx,
      'b/config.pbtxt': `version_policy { all { } } ${CONFIG}`,
      'b/1/model.onnx': onnx,
      'b/2/model.onnx': onnx,
      'c.onnx': onnx,
      'd/d.onnx': onnx,
      'e/config.pbtxt': CONFIG,
      'e/e.onnx': onnx,
      'readme.md': 'hello',
      '.git/1/model.onnx': onnx,
      '.hidden.onnx': onnx,
    },
    gives: [
      'a 1:model.onnx',
      'b 1:model.onnx 2:model.onnx',
      /^c \w{8}:c.onnx$/,
      /^d \w{8}:d.onnx$/,
      /^e \w{8}:e.onnx$/,
    ],
  },
  {
    holds: 'several files',
    leaves: { 'b.onnx': onnx, 'a.onnx': onnx },
    gives: [/^a \w{8}:a.onnx$/, /^b \w{8}:b.onnx$/],
  },
  { holds: 'nothing', leaves: { 'readme.md': 'hello' }, gives: [] },
  {
    holds: 'versions that are still written, with one that is not',
    leaves: { 'a/1/model.onnx': onnx, 'a/2': null, 'a/3/model.onnx.part': 'x', 'a/01/model.onnx': onnx },
    gives: ['a 1:model.onnx not 2 3'],
  },
  {
    holds: 'a model whose first version is still written',
    leaves: { 'a/1': null, 'b/1/model.onnx': onnx },
    gives: ['a is broken: version 1: it holds no model file yet', 'b 1:model.onnx'],
  },
  {
    holds: 'a model under another name',
    leaves: {
      'a/config.pbtxt': 'default_model_filename: "net.onnx"',
      'a/1/net.onnx': onnx,
      'a/1/model.onnx': onnx,
    },
    gives: ['a 1:net.onnx'],
  },
  {
    holds: 'a model under another name that is not there',
    leaves: { 'a/config.pbtxt': 'default_model_filename: "net.onnx"', 'a/1/model.onnx': onnx },
    gives: ['a is broken: version 1: it holds no net.onnx yet'],
  },
  {
    holds: 'a model with its weights in a folder',
    leaves: { 'a/1/model.onnx/model.onnx': onnx, 'a/1/model.onnx/weights': 'w' },
    gives: ['a 1:model.onnx'],
  },
  {
    holds: 'two files for one version',
    leaves: { 'a/1/x.onnx': onnx, 'a/1/y.onnx': onnx },
    gives: [/^a is broken: version 1: it holds x.onnx, y.onnx; call one model.onnx/],
  },
  {
    holds: 'versions of what Python runs',
    leaves: {
      'a/1/saved_model.pb': 'x',
      'a/1/variables/variables.index': 'x',
      'b/1/model.savedmodel/saved_model.pb': 'x',
      'c/1/model.pt': 'x',
      'c/2/model.pt': 'x',
      'c/3/constants.txt': 'x',
      'd/saved_model.pb': 'x',
      'd/assets/words.txt': 'x',
      'e/net.skops': 'x',
      'f/1/a.pt': 'x',
      'f/1/b.keras': 'x',
    },
    gives: [
      'a 1:1',
      'b 1:model.savedmodel',
      'c 2:model.pt not 1 3',
      /^d [0-9a-f]{8}:d$/,
      /^e [0-9a-f]{8}:net.skops$/,
      /^f is broken: version 1: it holds a.pt, b.keras$/,
    ],
  },
  {
    holds: 'what others serve',
    leaves: {
      'a/config.pbtxt': '',
      'a/1/model.savedmodel/saved_model.pb': 'x',
      'b/config.pbtxt': '',
      'b/1/model.pt': 'x',
      'c/1/model.py': 'x',
      'd/1/model.plan': 'x',
    },
    gives: [
      /^a .*SavedModel, which Triton serves; it is served here without a configuration of Triton/,
      /^b .*PyTorch, which Triton serves; it is served here without a configuration of Triton/,
      /^c .*Python, which Triton serves; here it is the author's class/,
      /^d .*TensorRT/,
    ],
  },
  {
    holds: 'an ONNX model, and a newer SavedModel',
    leaves: { 'a/1/model.onnx': onnx, 'a/2/saved_model.pb': 'x' },
    gives: ['a 2:2 not 1'],
  },
  {
    holds: "the folders of the author's class",
    leaves: { '1/model.py': 'x', '1/scaler.pkl': 'x', '2/model.py': 'x', '2/net.pt': 'x' },
    options: { isWhole: true, versions: { all: {} } },
    gives: ['shop 1:1 2:2'],
  },
  {
    holds: 'versions that are asked for and not there',
    leaves: {
      'a/config.pbtxt': 'version_policy { specific { versions: [1, 7] } }',
      'a/1/model.onnx': onnx,
      'a/2/model.onnx': onnx,
    },
    gives: ['a 1:model.onnx not 2'],
  },
  {
    holds: 'none of the versions that are asked for',
    leaves: { 'a/config.pbtxt': 'version_policy { specific { versions: 7 } }', 'a/1/model.onnx': onnx },
    gives: ['a is broken: there is no version 7'],
  },
  {
    holds: 'a configuration of another model',
    leaves: { 'a/config.pbtxt': 'name: "b"', 'a/1/model.onnx': onnx },
    gives: [/^a is broken: config.pbtxt:1:1: name "b" is not the name of its folder/],
  },
  {
    holds: 'a configuration that is none',
    leaves: { 'a/config.pbtxt': 'name = b', 'a/1/model.onnx': onnx, 'b/1/model.onnx': onnx },
    gives: [/^a is broken: config.pbtxt:1:6: /, 'b 1:model.onnx'],
  },
  {
    holds: 'a configuration that is no text',
    leaves: { 'a/config.pbtxt': Buffer.from([255, 254]), 'a/1/model.onnx': onnx },
    gives: [/^a is broken: .*config.pbtxt cannot be read: it is not UTF-8 text/],
  },
  {
    holds: 'a configuration larger than any',
    leaves: { 'a/config.pbtxt': Buffer.alloc(1024 * 1024 + 1, 32), 'a/1/model.onnx': onnx },
    gives: [/^a is broken: .* more than 1048576 bytes/],
  },
  {
    holds: 'names that no path carries',
    leaves: { 'a b/1/model.onnx': onnx, 'c/1/model.onnx': onnx },
    gives: [/^a b is broken: its name must be/, 'c 1:model.onnx'],
  },
  {
    holds: 'one name twice',
    leaves: { 'a/1/model.onnx': onnx, 'a.onnx': onnx, 'b.onnx': onnx },
    gives: ['a 1:model.onnx', 'a is broken: another model has this name too', /^b \w{8}/],
  },
  {
    holds: 'links to a model, and to nothing',
    leaves: {
      'elsewhere/here/1/model.onnx': onnx,
      'elsewhere/config.pbtxt': 'default_model_filename: "x.onnx"',
      'models/a': { link: '../elsewhere/here' },
      'models/b': { link: '../nowhere' },
      'models/c/1/model.onnx': { link: '../../../elsewhere/here/1/model.onnx' },
      'models/d': { link: '.' },
    },
    at: 'models',
    gives: ['a 1:model.onnx', 'c 1:model.onnx', /^d is broken/],
  },
  {
    holds: 'an empty folder among models',
    leaves: { a: null, 'b/1/model.onnx': onnx },
    gives: [/^a is broken: .*holds no model file, and no folder of a numbered version/, 'b 1:model.onnx'],
  },
  {
    holds: 'a model that is not what its configuration says',
    leaves: {
      'a/config.pbtxt': CONFIG,
      'a/1/model.onnx': identityModel(elementTypes.FP32, ['rows', 5]),
      'b/config.pbtxt': CONFIG,
      'b/1/model.onnx': identityModel(elementTypes.INT64, ['rows', 4]),
      'c/config.pbtxt': CONFIG,
      'c/1/model.onnx': 'no model',
      'd/config.pbtxt': `version_policy { all { } } ${CONFIG}`,
      'd/1/model.onnx': identityModel(elementTypes.FP32, [1, 4]),
      'd/2/model.onnx': onnx,
    },
    gives: [
      /^a is broken: version 1: the model's input 'x' has the shape \[-1,5\], and config.pbtxt comes to \[-1,4\]/,
      /^b is broken: version 1: the model's input 'x' is INT64, and config.pbtxt has FP32/,
      /^c is broken: version 1: model.onnx is not a valid ONNX model: /,
      'd 2:model.onnx not 1',
    ],
  },
  {
    holds: 'a list of models',
    leaves: {
      'models.config': `model_config_list {
        config { name: "a" base_path: "there/one" model_platform: "tensorflow"
          model_version_policy { specific { versions: 2 versions: 3 } }
          version_labels { key: "stable" value: 2 } version_labels { key: "canary" value: 3 }
          version_labels { key: "gone" value: 4 } },
        config { name: "b", base_path: "there/two" },
        config { name: "c", base_path: "nowhere" },
        config { name: "d", base_path: "s3://bucket/model" },
        config { name: "a", base_path: "there/two" },
        config { name: "e", base_path: "saved" model_version_policy { latest { num_versions: 2 } } } }`,
      'there/one/1/model.onnx': onnx,
      'there/one/2/model.onnx': onnx,
      'there/one/3/model.onnx': onnx,
      'there/two/00000005/model.onnx': onnx,
      'there/two/4/model.onnx': onnx,
      'there/two/config.pbtxt': 'nonsense',
      'saved/1/saved_model.pb': 'x',
    },
    gives: [
      'a 2:model.onnx 3:model.onnx stable=2 canary=3 not 1',
      'b 4:model.onnx',
      /^c is broken: models.config:7: .*nowhere: the model repository is not there/,
      /^d is broken: models.config:8: s3:\/\/bucket\/model: only a path of this machine can stand here/,
      "a is broken: models.config:9: the model 'a' is listed twice",
      'e 1:1',
    ],
  },
];

test('what is wrong with an entry of a list is told with its line', async t => {
  const list = `model_config_list {
    config { base_path: "a" }
    config { name: "a/b" base_path: "a" }
    config { name: "c" }
    config { name: "../d" base_path: "../../../../etc" }
  }`;
  const found = await readRepository(rooted(t, { 'models.config': list, 'a/1/model.onnx': onnx }));
  assert.deepEqual(found.map(told), [
    ' is broken: models.config:2: a model must have a name',
    'a/b is broken: models.config:3: its name must be at most 63 letters, digits, dots and dashes',
    "c is broken: models.config:4: the model 'c' must have a base_path",
    '../d is broken: models.config:5: its name must be at most 63 letters, digits, dots and dashes',
  ]);
});

for (const { holds, leaves, options = {}, at = '', gives } of layouts)
  test(`a repository that holds ${holds} is read`, async t => {
    const found = await readRepository(join(rooted(t, leaves), at), options);
    const lines = found.map(told);
    assert.equal(lines.length, gives.length, lines.join('\n'));
    for (const [index, expected] of gives.entries()) {
      if (typeof expected === 'string') assert.equal(lines[index], expected);
      else assert.match(lines[index] ?? '', expected);
    }
  });
