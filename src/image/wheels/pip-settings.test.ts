import assert from 'node:assert/strict';
import test from 'node:test';
import { pipConfFiles, pipSettings, readPipConf } from './pip-settings.ts';

const NONE = { extraIndexUrls: [], findLinks: [], noIndex: false };

test('without any setting it is PyPI', () => {
  assert.deepEqual(pipSettings(NONE, {}, []), {
    indexUrl: 'https://pypi.org/simple',
    extraIndexUrls: [],
    findLinks: [],
    noIndex: false,
    authorities: undefined,
  });
});

test("files of pip's count from the system to the one that is named, the environment more, the lock the most", () => {
  const files = [
    '[global]\nindex-url = https://system.example/simple\ncert: /ca.pem\n[install]\nfind_links =\n    /wheels\n    https://more.example/links\n',
    '# mine\n[global]\nindex-url=https://own.example/simple\n[list]\nformat = columns\n',
  ].map(readPipConf);
  const ofFiles = pipSettings(NONE, {}, files);
  assert.deepEqual(
    [ofFiles.indexUrl, ofFiles.findLinks, ofFiles.authorities],
    ['https://own.example/simple', ['/wheels', 'https://more.example/links'], '/ca.pem'],
  );
  const environment = {
    PIP_INDEX_URL: 'https://env.example/simple',
    PIP_EXTRA_INDEX_URL: 'https://a.example  https://b.example',
    PIP_NO_INDEX: '1',
  };
  const ofEnvironment = pipSettings(NONE, environment, files);
  assert.deepEqual(
    [ofEnvironment.indexUrl, ofEnvironment.extraIndexUrls, ofEnvironment.noIndex],
    ['https://env.example/simple', ['https://a.example', 'https://b.example'], true],
  );
  const lock = {
    indexUrl: 'https://lock.example/simple',
    extraIndexUrls: ['https://c.example', 'https://a.example'],
    findLinks: ['/mine'],
    noIndex: false,
  };
  const ofLock = pipSettings(lock, environment, files);
  assert.deepEqual(
    [ofLock.indexUrl, ofLock.extraIndexUrls, ofLock.noIndex],
    ['https://lock.example/simple', ['https://c.example', 'https://a.example', 'https://b.example'], false],
  );
  assert.deepEqual(ofLock.findLinks, ['/mine', '/wheels', 'https://more.example/links']);
});

test("`[install]` counts more than `[global]`, and pip's variables more than uv's", () => {
  const file = readPipConf(
    '[install]\nindex-url = https://install.example\n[global]\nindex-url = https://global.example\n',
  );
  assert.equal(pipSettings(NONE, {}, [file]).indexUrl, 'https://install.example');
  const uv = { UV_DEFAULT_INDEX: 'https://uv.example', UV_INDEX: 'torch=https://torch.example/whl' };
  assert.deepEqual(
    [pipSettings(NONE, uv, []).indexUrl, pipSettings(NONE, uv, []).extraIndexUrls],
    ['https://uv.example', ['https://torch.example/whl']],
  );
  assert.equal(
    pipSettings(NONE, { ...uv, PIP_INDEX_URL: 'https://pip.example' }, []).indexUrl,
    'https://pip.example',
  );
});

test('files are looked for where pip looks, and nowhere if it is told so', () => {
  assert.deepEqual(pipConfFiles({ PIP_CONFIG_FILE: '/x/pip.conf', XDG_CONFIG_HOME: '/c' }, '/h'), [
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
    '/h/.pip/pip.conf',
    '/c/pip/pip.conf',
    '/x/pip.conf',
  ]);
  assert.deepEqual(pipConfFiles({}, '/h').at(-1), '/h/.config/pip/pip.conf');
  assert.deepEqual(pipConfFiles({ PIP_CONFIG_FILE: '/dev/null' }, '/h'), []);
});
