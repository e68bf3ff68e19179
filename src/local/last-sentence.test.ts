import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSentence } from './last-sentence.ts';

const log = (level: string, message: string, facts = {}) => JSON.stringify({ level, message, ...facts });

const cases = [
  { name: 'nothing said', lines: ['', '  '], sentence: undefined },
  {
    name: 'the plain sentence, without the program before it and the hint after it',
    lines: [
      log('info', 'loading'),
      'fairlead: /m.onnx is not a valid ONNX model: cut',
      '  hint: export it again',
      '',
    ],
    sentence: '/m.onnx is not a valid ONNX model: cut',
  },
  {
    name: 'the message of an uncaught error, not its stack',
    lines: [
      'AppError [E_PAPER]: out of paper',
      '    at print (/p.ts:1:2) {',
      "  code: 'E_PAPER'",
      '}',
      '',
      'Node.js v24.0.0',
    ],
    sentence: 'out of paper',
  },
  {
    name: 'what it gave up for, not an error that it lived with before',
    lines: ['Error: Failed to initialize NVML', 'error: creating server: failed to load all models', ''],
    sentence: 'creating server: failed to load all models',
  },
  {
    name: 'the last error among log lines',
    lines: [log('error', 'the model does not load', { problem: 'no such file' }), log('info', 'bye')],
    sentence: 'the model does not load: no such file',
  },
  {
    name: 'any log line when none is an error',
    lines: [log('info', 'one'), log('info', 'two')],
    sentence: 'two',
  },
  { name: 'a line that only begins like JSON', lines: ['{oops'], sentence: '{oops' },
];

for (const { name, lines, sentence } of cases) {
  test(`the last sentence: ${name}`, () => assert.equal(lastSentence(lines), sentence));
}
