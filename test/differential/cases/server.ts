/** What a client asks before it asks for a prediction: the server, its health, its models. */
import { fixtures } from '../fixtures.ts';
import { answers, type Case, type Group, get, good, post } from './case.ts';

const S = '/v2/models/simple';

const server: readonly Case[] = [
  good('the server', get('/v2'), 'identity'),
  good('the server, with a slash behind', get('/v2/'), 'slash'),
  good('live', get('/v2/health/live')),
  good('ready', get('/v2/health/ready')),
  good('live, with a query', get('/v2/health/live?test_1=1&test_2=2')),
  good('ready, with a query', get('/v2/health/ready?test_1=1&test_2=2')),
  answers(404, 'a path that is none', get('/v2/nothing')),
  answers(404, 'health without a kind', get('/v2/health')),
  answers(404, 'models without a name', get('/v2/models')),
  answers(404, 'a path with two slashes', get('/v2//health/live')),
];

const methods: readonly Case[] = [
  answers(405, 'POST live', post('/v2/health/live')),
  answers(405, 'POST the server', post('/v2')),
  answers(405, 'GET infer', get(`${S}/infer`)),
  answers(405, 'PUT infer', { method: 'PUT', path: `${S}/infer`, body: '{}' }),
  answers(405, 'DELETE a model', { method: 'DELETE', path: S }),
  answers(405, 'PATCH infer', { method: 'PATCH', path: `${S}/infer` }),
  answers(405, 'OPTIONS infer', { method: 'OPTIONS', path: `${S}/infer` }),
  good('HEAD ready', { method: 'HEAD', path: '/v2/health/ready' }, 'head'),
];

const models: readonly Case[] = [
  good('a model is ready', get(`${S}/ready`)),
  good('a version is ready', get(`${S}/versions/1/ready`)),
  answers(404, 'an unknown model is ready', get('/v2/models/nope/ready'), ['unknown-ready']),
  answers(404, 'an unknown version is ready', get(`${S}/versions/99/ready`), ['unknown-ready']),
  ...fixtures.map(({ name }) => good(`metadata of ${name}`, get(`/v2/models/${name}`))),
  good('metadata of a version', get(`${S}/versions/1`)),
  good('metadata, with a query', get(`${S}?test_1=1`)),
  answers(404, 'metadata of an unknown model', get('/v2/models/nope')),
  answers(404, 'metadata of an unknown version', get(`${S}/versions/99`)),
  answers(404, 'metadata of an unknown model and version', get('/v2/models/nope/versions/1')),
  answers(404, 'a version that is no number', get(`${S}/versions/abc`)),
  answers(404, 'a version below 0', get(`${S}/versions/-1`)),
  answers(404, 'a version beyond 64 bits', get(`${S}/versions/99999999999999999999`), ['version-text']),
  answers(404, 'a version with a leading 0', get(`${S}/versions/01`), ['version-text']),
  answers(404, 'a version without a number', get(`${S}/versions/`)),
  answers(404, 'a model with a slash behind', get(`${S}/`)),
  answers(404, 'a name with an escaped blank', get('/v2/models/a%20b')),
  answers(404, 'a name of dots, escaped', get('/v2/models/%2e%2e')),
  answers(404, 'a name with an escaped NUL', get('/v2/models/a%00b')),
  answers(404, 'a name with a broken escape', get('/v2/models/a%zz')),
  answers(404, 'a name with an escaped slash', get('/v2/models/a%2Fb')),
  good('a name with an escape it needs not', get('/v2/models/%73imple'), 'decoded-names'),
  answers(404, 'the name __proto__', get('/v2/models/__proto__')),
  answers(404, 'the name constructor', get('/v2/models/constructor/ready'), ['unknown-ready']),
  answers(404, 'infer with an unknown model', post('/v2/models/nope/infer', '{}')),
  answers(404, 'infer with an unknown version', post(`${S}/versions/99/infer`, '{}')),
];

export const serverGroups: readonly Group[] = [
  { title: 'Server and health', cases: server },
  { title: 'Methods', cases: methods },
  { title: 'Models', cases: models },
];
