import { type FileHandle, open } from 'node:fs/promises';
import { err, messageOf, ok, type Result } from '#base';
import { type OnnxHeader, readHeader } from '../../runtimes/onnx/header.ts';
import { WireError } from '../../runtimes/onnx/wire.ts';
import { FileWindow } from './file-window.ts';
import { skeletonOf } from './skeleton.ts';

/**
 * What an ONNX file says of its tensors. What it has of them is gathered first, piece by piece, so that the event loop is
 * never held by a slow disk. Never throws; what is wrong follows the name of the file.
 */
export async function headerOf(path: string): Promise<Result<OnnxHeader, string>> {
  try {
    const file = await open(path, 'r');
    try {
      return await headerIn(file);
    } finally {
      await file.close();
    }
  } catch (error: unknown) {
    if (error instanceof WireError) return err(`is not a valid ONNX model: ${error.message}`);
    return err(`cannot be read: ${messageOf(error)}`);
  }
}

async function headerIn(file: FileHandle): Promise<Result<OnnxHeader, string>> {
  const bytes = await skeletonOf(new FileWindow(file, (await file.stat()).size));
  const read = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const header = readHeader({ size: bytes.length, read });
  if (header.ok) return ok(header.value);
  const { kind, problem } = header.error;
  return err(kind === 'invalid' ? `is not a valid ONNX model: ${problem}` : `cannot be served: ${problem}`);
}
