/**
 * What every source must do, whatever its scheme. An adapter's test gives a place at its real server and a line on what the
 * scheme can; `port-reading.cases.ts` and `port-faults.cases.ts` belong to this.
 *
 *     sourceCases({ name: 's3://', can: everything, place: t => placeInBucket(t) });
 *
 * `fixtures/scheme.ts` says what a place and a scheme are.
 */
import assert from 'node:assert/strict';
import { bytesOf, caseOf, filesOf, listed, opened, type Scheme } from './fixtures/scheme.ts';
import { faultCases } from './port-faults.cases.ts';
import { readingCases } from './port-reading.cases.ts';
import type { Listing } from './source.ts';

const pathsOf = ({ files }: Listing): string[] => files.map(({ path }) => path);

const ODD_NAMES: readonly string[] = [
  'a b.bin',
  'a+b.bin',
  'a%20b.bin',
  '100%.bin',
  'a#b.bin',
  'a?b.bin',
  'a&b=c.bin',
  'mödel.bin',
  '模型.bin',
  "it's (1).bin",
  '~a!*@$;,.bin',
];

/** All cases of the port, for one scheme. */
export function sourceCases(scheme: Scheme): void {
  missingCase(scheme);
  if (scheme.can.folders) folderCases(scheme);
  if (scheme.can.folders && scheme.can.paths) pathCases(scheme);
  readingCases(scheme);
  faultCases(scheme);
}

function missingCase(scheme: Scheme): void {
  caseOf(scheme, 'what is not there is missing, by its URI', async t => {
    const place = await scheme.place(t);
    const path = scheme.can.paths ? 'absent.onnx' : '';
    const { source, uri } = await opened(t, scheme, place, { path });
    await assert.rejects(source.list(AbortSignal.timeout(60_000)), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'source_missing');
      assert.ok(error.message.includes(uri), error.message);
      return true;
    });
  });
}

function folderCases(scheme: Scheme): void {
  caseOf(scheme, 'a folder is listed with the folders in it, sorted, with sizes', async t => {
    const place = await scheme.place(t);
    await place.put(filesOf('b.bin', 'a.bin', '1/model.onnx', '1/deep/er/w.bin'));
    const listing = await listed(t, scheme, place);
    assert.deepEqual(pathsOf(listing), ['1/deep/er/w.bin', '1/model.onnx', 'a.bin', 'b.bin']);
    for (const { path, size } of listing.files) assert.ok(size === undefined || size === path.length, path);
    assert.equal(listing.named, undefined);
  });

  caseOf(scheme, 'an empty file is a file', async t => {
    const place = await scheme.place(t);
    await place.put({ 'empty.txt': new Uint8Array(), 'full.txt': bytesOf('x') });
    assert.deepEqual(pathsOf(await listed(t, scheme, place)), ['empty.txt', 'full.txt']);
  });

  for (const name of ODD_NAMES.filter(one => !scheme.can.noNames?.some(part => one.includes(part))))
    caseOf(scheme, `a file may be called ${name}`, async t => {
      const place = await scheme.place(t);
      await place.put(filesOf(name, `in/${name}`));
      assert.deepEqual(pathsOf(await listed(t, scheme, place)), [name, `in/${name}`].toSorted());
    });

  if (scheme.can.many)
    caseOf(scheme, 'a folder may hold more files than a page does', async t => {
      const place = await scheme.place(t);
      const paths = Array.from({ length: 1005 }, (_, index) => `${String(index).padStart(4, '0')}.bin`);
      await place.put(filesOf(...paths));
      assert.deepEqual(pathsOf(await listed(t, scheme, place)), paths);
    });
}

function pathCases(scheme: Scheme): void {
  caseOf(scheme, 'a folder is cut at /: what only begins with its name is none of it', async t => {
    const place = await scheme.place(t);
    await place.put(filesOf('m/a.bin', 'm/b/c.bin', 'm-v2/x.bin', 'm.onnx', 'm2', 'n/m/a.bin'));
    assert.deepEqual(pathsOf(await listed(t, scheme, place, 'm')), ['a.bin', 'b/c.bin']);
  });

  caseOf(scheme, 'a file is named, and brings the weights that bear its name', async t => {
    const place = await scheme.place(t);
    const its = ['model.onnx', 'model.onnx.data', 'model.onnx_data'];
    const others = ['model.onnx.data.bak', 'model.onnx.txt', 'model.onnx_data2', 'other.onnx'];
    await place.put(filesOf(...[...its, ...others].map(name => `d/${name}`)));
    const listing = await listed(t, scheme, place, 'd/model.onnx');
    assert.deepEqual([pathsOf(listing), listing.named], [its, 'model.onnx']);
  });

  caseOf(scheme, 'a file without weights beside it is listed alone', async t => {
    const place = await scheme.place(t);
    await place.put(filesOf('model.onnx', 'notes.txt', 'a/model.onnx'));
    const listing = await listed(t, scheme, place, 'model.onnx');
    assert.deepEqual([pathsOf(listing), listing.named], [['model.onnx'], 'model.onnx']);
  });

  for (const name of ['a b', 'mödel', '模型'])
    caseOf(scheme, `a folder may be called ${name}`, async t => {
      const place = await scheme.place(t);
      await place.put(filesOf(`${name}/a.bin`, `${name}2/b.bin`));
      assert.deepEqual(pathsOf(await listed(t, scheme, place, name)), ['a.bin']);
    });

  caseOf(
    scheme,
    'a path that is not there is missing, though its neighbours begin with its name',
    async t => {
      const place = await scheme.place(t);
      await place.put(filesOf('m-v2/x.bin', 'm.onnx'));
      await assert.rejects(listed(t, scheme, place, 'm'), { code: 'source_missing' });
    },
  );

  caseOf(scheme, 'markers of folders are left out', async t => {
    const place = await scheme.place(t);
    if (place.mark === undefined) return t.skip('it has no markers');
    await place.put(filesOf('m/a.bin', 'm/sub/b.bin'));
    for (const folder of ['m', 'm/sub', 'm/bare']) await place.mark(folder);
    assert.deepEqual(pathsOf(await listed(t, scheme, place, 'm')), ['a.bin', 'sub/b.bin']);
  });
}
