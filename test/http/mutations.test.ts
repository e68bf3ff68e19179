/** Requests with a few bytes changed: whatever they are then, each is answered or closed, and the next one is served. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import fc from 'fast-check';
import { type Program, root, startProgram } from '../programs/fairlead.ts';
import { Wire } from './wire.ts';

const body = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'latin1').trim();
const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const good = `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const requests: readonly string[] = [
  'GET /health HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n',
  good,
  `POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
  `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n{}{}`,
];

/** What parsers trip over. */
const BYTES = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '0',
  '-',
  '\x7f',
  '\xff',
  'chunked',
];

interface Edit {
  /** A part of the whole. */
  readonly at: number;
  readonly leaves: number;
  readonly puts: string;
}

function edited(request: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { at, leaves, puts }) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place) + puts + text.slice(place + leaves);
  }, request);
}

let server: Program;
before(async () => {
  server = await startProgram(['serve', 'examples/digits/models/digits/2', '--log-level', 'error']);
});
after(() => server.stop());

test('a request with a few bytes changed is answered or closed, and harms nobody', async () => {
  // Most of what matters stands at the beginning.
  const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map(part => part * part);
  const edit = fc.record({
    at,
    leaves: fc.constantFrom(0, 0, 1, 2, 20),
    puts: fc.constantFrom('', ...BYTES),
  });
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(fc.constantFrom(...requests), edits, async (request, changes) => {
    // Nothing more is to come, so nobody waits for the rest of it.
    const wire = new Wire(server.url).send(edited(request, changes)).half();
    const answers = await wire.end();
    assert.match(answers, /^(?:$|HTTP\/1\.1 [1-5]\d\d )/);
    assert.doesNotMatch(answers, /HTTP\/1\.1 500 /);
    const next = new Wire(server.url).send(good);
    assert.equal((await next.answer()).status, 200);
    next.leave();
  });
  await fc.assert(property, { numRuns: 400 });
});
