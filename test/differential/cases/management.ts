/** Statistics, configuration, and the repository: what an operator asks. In order, for each changes what the next sees. */
import {
  answers,
  bad,
  binary,
  binaryInput,
  body,
  type Case,
  type Group,
  get,
  good,
  infer,
  input,
  post,
} from './case.ts';

const counted = (data: string, ...rest: string[]): ReturnType<typeof infer> =>
  infer('counted', [input('INPUT0', 'INT32', '[1,2]', data)], ...rest);
/** Fields of statistics that are never the same twice. */
export const TIMES = /(?:\.ns|last_inference)$/;
const timed = (one: Case): Case => ({ ...one, varies: TIMES });

const statistics: readonly Case[] = [
  good('a first row to count', counted('[1,2]')),
  good('three rows to count', infer('counted', [input('INPUT0', 'INT32', '[3,2]', '[1,2,3,4,5,6]')])),
  good(
    'a row in binary to count',
    binary('counted', body([binaryInput('INPUT0', 'INT32', '[1,2]', 8)]), [Buffer.alloc(8)]),
  ),
  bad('a shape to count as failed', infer('counted', [input('INPUT0', 'INT32', '[1,3]', '[1,2,3]')])),
  bad('a body to count as failed, or not', counted('[1,')),
  timed(good('statistics of a model', get('/v2/models/counted/stats'), 'failed-count')),
  timed(good('statistics of a version', get('/v2/models/counted/versions/1/stats'), 'failed-count')),
  timed(good('statistics of a model nobody asked', get('/v2/models/zero_uint16/stats'))),
  answers(404, 'statistics of an unknown model', get('/v2/models/nope/stats'), ['unknown-ready']),
  answers(404, 'statistics of an unknown version', get('/v2/models/counted/versions/9/stats'), [
    'unknown-ready',
  ]),
  answers(405, 'POST statistics', post('/v2/models/counted/stats')),
];

const config: readonly Case[] = [
  good('configuration of a model', get('/v2/models/simple/config')),
  good('configuration of a version', get('/v2/models/simple/versions/1/config')),
  good('configuration of a model without a batch', get('/v2/models/pairs/config')),
  answers(404, 'configuration of an unknown model', get('/v2/models/nope/config')),
];

const index = (value?: string): ReturnType<typeof post> => post('/v2/repository/index', value);
const load = (model: string, value?: string): ReturnType<typeof post> =>
  post(`/v2/repository/models/${model}/load`, value);
const unload = (model: string, value?: string): ReturnType<typeof post> =>
  post(`/v2/repository/models/${model}/unload`, value);
const M = 'come_and_go';
const row = infer(M, [input('INPUT0', 'INT32', '[1,2]', '[1,2]')]);

const repository: readonly Case[] = [
  good('the index', index()),
  good('the index, of an empty object', index('{}')),
  good('the index of what is ready', index('{"ready":true}')),
  bad('the index, with a number for ready', index('{"ready":1}')),
  bad('the index, of no JSON', index('{')),
  answers(405, 'GET the index', get('/v2/repository/index')),
  good('unload a model', unload(M)),
  answers(404, 'infer with an unloaded model', row),
  answers(404, 'metadata of an unloaded model', get(`/v2/models/${M}`)),
  answers(404, 'an unloaded model is ready', get(`/v2/models/${M}/ready`), ['unknown-ready']),
  good('the server is ready beside an unloaded model', get('/v2/health/ready'), 'ready-beside'),
  good('unload it again', unload(M)),
  good('load it', load(M)),
  good('infer with a model loaded again', row),
  good('load it again', load(M, '{}')),
  good('infer with a model loaded twice', row),
  good('load with no parameters', load(M, '{"parameters":{}}')),
  bad('load with an unknown parameter', load(M, '{"parameters":{"nope":1}}')),
  bad('load with a configuration that is no JSON', load(M, '{"parameters":{"config":"{"}}')),
  bad('load with a file that climbs out', load(M, '{"parameters":{"config":"{}","file:1/../../x":"AAAA"}}')),
  bad('load, of no JSON', load(M, '{')),
  answers(400, 'load an unknown model', load('nope')),
  answers(404, 'unload an unknown model', unload('nope'), ['unload-unknown']),
  answers(400, 'load a name that climbs out', load('..%2Fetc')),
  bad('load a blank', load('%20')),
  answers(405, 'GET load', get(`/v2/repository/models/${M}/load`)),
  answers(501, 'load in a named repository', post(`/v2/repository/main/models/${M}/load`)),
];

const absent: readonly Case[] = [
  answers(501, 'shared memory, its status', get('/v2/systemsharedmemory/status'), ['absent']),
  answers(501, 'CUDA shared memory, its status', get('/v2/cudasharedmemory/status'), ['absent']),
  answers(404, 'trace settings', get('/v2/trace/setting'), ['absent']),
  answers(404, 'log settings', get('/v2/logging'), ['absent']),
  answers(404, 'generate', post('/v2/models/simple/generate', '{}'), ['absent']),
];

export const managementGroups: readonly Group[] = [
  { title: 'Statistics', cases: statistics },
  { title: 'Configuration', cases: config },
  { title: 'Repository', cases: repository },
  { title: 'Extensions that fairlead has not', cases: absent },
];
