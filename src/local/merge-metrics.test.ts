import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mergeMetrics, renderMetric } from './merge-metrics.ts';

const a = { revision: 'digits-a', server: '0' };
const b = { revision: 'digits-b', server: '0' };

const cases = [
  {
    name: 'families are grouped, with one HELP and TYPE, and each sample says where it is from',
    pages: [
      {
        labels: a,
        text: '# HELP x_total Things.\n# TYPE x_total counter\nx_total{status="ok"} 1\nx_total{status="bad"} 2\n# TYPE y gauge\ny 3\n',
      },
      { labels: b, text: '# TYPE y gauge\ny 4\n# HELP x_total Things.\n# TYPE x_total counter\nx_total 5\n' },
    ],
    text: `# HELP x_total Things.
# TYPE x_total counter
x_total{revision="digits-a",server="0",status="ok"} 1
x_total{revision="digits-a",server="0",status="bad"} 2
x_total{revision="digits-b",server="0"} 5
# TYPE y gauge
y{revision="digits-a",server="0"} 3
y{revision="digits-b",server="0"} 4
`,
  },
  {
    name: 'the lines of a histogram stay in one family',
    pages: [
      {
        labels: a,
        text: '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 0.5\nh_count 1\n',
      },
      { labels: b, text: '# TYPE h histogram\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n' },
    ],
    text: `# TYPE h histogram
h_bucket{revision="digits-a",server="0",le="1"} 1
h_bucket{revision="digits-a",server="0",le="+Inf"} 1
h_sum{revision="digits-a",server="0"} 0.5
h_count{revision="digits-a",server="0"} 1
h_bucket{revision="digits-b",server="0",le="+Inf"} 0
h_sum{revision="digits-b",server="0"} 0
h_count{revision="digits-b",server="0"} 0
`,
  },
  {
    name: 'a name that only looks like part of a histogram is its own family',
    pages: [{ labels: a, text: '# TYPE jobs_count gauge\njobs_count 2\n' }],
    text: '# TYPE jobs_count gauge\njobs_count{revision="digits-a",server="0"} 2\n',
  },
  {
    name: 'braces, quotes and commas in label values, timestamps and special values pass unharmed',
    pages: [{ labels: a, text: 'z{p="a}b\\"c,d=\\\\",q="{"} NaN 1700000000000\nw +Inf\n' }],
    text: `z{revision="digits-a",server="0",p="a}b\\"c,d=\\\\",q="{"} NaN 1700000000000
w{revision="digits-a",server="0"} +Inf
`,
  },
  {
    name: 'labels that clash with ours are kept under another name',
    pages: [{ labels: a, text: 'z{server="gpu",zone="1",} 1\n' }],
    text: 'z{revision="digits-a",server="0",exported_server="gpu",zone="1"} 1\n',
  },
  {
    name: 'the same name with another type is left out, since a family has one type',
    pages: [
      { labels: a, text: '# TYPE n counter\nn 1\n' },
      { labels: b, text: '# TYPE n gauge\nn 2\n' },
    ],
    text: '# TYPE n counter\nn{revision="digits-a",server="0"} 1\n',
  },
  {
    name: 'what is not a metric line is left out',
    pages: [{ labels: a, text: '<html>\n\n# a remark\n# EOF\n1x 3\nx\nok 1\r\n' }],
    text: 'ok{revision="digits-a",server="0"} 1\n',
  },
  { name: 'no pages give an empty page', pages: [], text: '' },
];

for (const { name, pages, text } of cases) {
  test(name, () => assert.equal(mergeMetrics(pages), text));
}

test('our own metrics carry the kind and help of the metric list', () => {
  assert.equal(
    renderMetric('gateway_requests_total', [{ labels: { revision: 'a"b', code: '200' }, value: 3 }]),
    `# HELP gateway_requests_total Requests the gateway answered, by the revision that answered and the status code.
# TYPE gateway_requests_total counter
gateway_requests_total{revision="a\\"b",code="200"} 3
`,
  );
  assert.equal(renderMetric('gateway_retries_total', []), '');
});

test('any label value survives, and merging what was merged keeps every sample', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 5 }), (value, count) => {
      const page = renderMetric('gateway_requests_total', [
        { labels: { revision: value, code: '200' }, value: 1 },
      ]);
      const pages = Array.from({ length: count }, (_, id) => ({
        text: page,
        labels: { server: String(id) },
      }));
      const once = mergeMetrics(pages);
      const samples = once.split('\n').filter(line => line !== '' && !line.startsWith('#'));
      assert.equal(samples.length, count);
      const twice = mergeMetrics([{ text: once, labels: { zone: 'z' } }]);
      assert.equal(twice.split('\n').length, once.split('\n').length);
    }),
  );
});
