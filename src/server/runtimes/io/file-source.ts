import { fstatSync, readSync } from 'node:fs';
import type { ByteSource } from '../onnx/wire.ts';

const WINDOW = 65_536;

/** An open file as a byte source, read in windows so that walking a header costs few system calls. */
export function fileSource(descriptor: number): ByteSource {
  const window = Buffer.allocUnsafe(WINDOW);
  let from = 0;
  let held = 0;
  const load = (offset: number): void => {
    from = offset;
    held = readSync(descriptor, window, 0, WINDOW, offset);
  };
  return {
    size: fstatSync(descriptor).size,
    read(offset, length) {
      if (length > WINDOW) throw new RangeError(`${length} bytes are more than a header's field has`);
      if (offset < from || offset + length > from + held) load(offset);
      return window.subarray(offset - from, Math.min(held, offset - from + length));
    },
  };
}
