/** What the comparison rests on, without a peer. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Case, get, good } from './cases/case.ts';
import { compare } from './compare.ts';
import { contests } from './contests.ts';
import type { HttpAnswer } from './exchange.ts';
import { page } from './page.ts';
import { explain, type Rule, staleNames, wrongStatuses } from './rules.ts';
import { exactJson, httpView, type View } from './view.ts';

function answer(body: string | Buffer, headers: Record<string, string> = {}, status = 200): HttpAnswer {
  return { status, headers, body: Buffer.from(body) };
}

const asked: Case = good('a request', get('/v2'), 'named');
const floats = (data: string): View =>
  httpView(answer(`{"outputs":[{"name":"y","datatype":"FP32","shape":[2],"data":${data}}]}`));

test('the rows of a table have titles of their own, and name rules that there are', () => {
  const known = new Set(contests.flatMap(({ rules }) => rules.map(({ id }) => id)));
  for (const { groups } of contests) {
    const cases = groups.flatMap(group => group.cases);
    assert.equal(new Set(cases.map(({ title }) => title)).size, cases.length);
    for (const { title, differs } of cases)
      for (const id of differs) assert.ok(known.has(id), `'${title}' names ${id}`);
  }
});

test('numbers beyond a double keep their digits, and NaN is read', () => {
  assert.equal(
    httpView(answer('{"a":[18446744073709551615,NaN,-Infinity,"NaN"]}'))['a'],
    '[18446744073709551615,NaN,-Infinity,"NaN"]',
  );
  assert.equal(exactJson('{"a":'), undefined);
});

test('binary tensors are cut out by their sizes, and bytes of nobody are seen', () => {
  const json = '{"outputs":[{"parameters":{"binary_data_size":2}},{"parameters":{"binary_data_size":1}}]}';
  const bytes = Buffer.concat([Buffer.from(json), Buffer.from('0a0b0cff', 'hex')]);
  const view = httpView(answer(bytes, { 'inference-header-content-length': String(json.length) }));
  assert.equal(view['outputs[0].bytes'], '0a0b');
  assert.equal(view['outputs[1].bytes'], '0c');
  assert.equal(view['tail'], 'ff');
});

test('a body that is no JSON is compared as it is', () => {
  assert.equal(httpView(answer('ok'))['body'], 'ok');
  assert.equal(httpView(answer(''))['body'], '(empty)');
});

test('the same numbers in other digits are told from other numbers', () => {
  const fields = (peer: View, ours: View): string[] => compare(asked, peer, ours).map(({ field }) => field);
  assert.deepEqual(fields(floats('[0.10000000149011612,1]'), floats('[0.1,1.0]')), [
    'outputs[0].data (text)',
  ]);
  assert.deepEqual(fields(floats('[0.1,1]'), floats('[0.2,1]')), ['outputs[0].data']);
  assert.deepEqual(fields(floats('[0.0,1]'), floats('[-0.0,1]')), ['outputs[0].data']);
});

test('of answers with other statuses only these are told', () => {
  const theirs = httpView(answer('{"error":"bad"}', { 'content-type': 'text/plain' }, 500));
  assert.deepEqual(
    compare(asked, theirs, floats('[1,2]')).map(({ field, peer, fairlead }) => [field, peer, fairlead]),
    [['status', '500 "bad"', '200 [1,2]']],
  );
});

const named: Rule = { id: 'named', title: 'Named', why: 'Because.' };
const everywhere: Rule = { id: 'everywhere', title: 'E', why: 'So.', covers: ({ field }) => field === 'b' };
const found = compare(asked, { status: '200', a: '1', b: '1' }, { status: '200', a: '2', b: '2' });

test('a difference without a rule, and a rule without a difference, are faults', () => {
  assert.deepEqual(explain(found, [everywhere, named]).faults, []);
  assert.match(explain(found, [everywhere]).faults.join(), /no rule says why 'a request' differs in a/);
  const idle: Rule = { ...everywhere, id: 'idle', covers: () => false };
  assert.deepEqual(explain(found, [everywhere, named, idle]).faults, ["the rule 'idle' explains nothing"]);
});

test('a request that names a rule in vain is a fault, and so is a wrong status', () => {
  const observation = { of: asked, peer: { status: '200' }, fairlead: { status: '500' } };
  const { explained } = explain([], [named]);
  assert.equal(staleNames([observation], explained, new Set(['named'])).length, 1);
  assert.equal(staleNames([observation], [], new Set(['named'])).length, 0);
  assert.match(wrongStatuses([observation]).join(), /should answer 'a request' with 200, and answers 500/);
});

test('the page shows each difference under its reason, and one row for many of a kind', () => {
  const groups = [{ title: 'G', requests: 9, alike: 9, same: 1 }];
  const same = Array.from({ length: 8 }, (_, index) =>
    compare({ ...asked, title: `r${index}` }, { b: '|' }, { b: '2' }),
  );
  const { explained } = explain(same.flat(), [everywhere]);
  const text = page('# Title\n', [{ peer: 'Peer 1', groups, explained }]);
  assert.match(text, /^# Title\n\n## Beside Peer 1\n/);
  assert.match(text, /### E\n\nSo\.\n\n\| request \| Peer 1 \| fairlead \|\n/);
  assert.match(text, /\| r0;<br>7 more \| b: `\\\|` \| b: `2` \|\n/);
});
