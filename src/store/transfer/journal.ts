/**
 * What of a partial file has been written: a line for each block, added after its bytes. A power cut may keep the line and lose
 * the bytes, and a kill may tear the line; so a block counts only when its CRC-32 is that of what lies on the disk.
 */
import type { ByteRange } from '../source.ts';

export interface Block extends ByteRange {
  readonly crc: number;
}

export function blockLine({ start, end, crc }: Block): string {
  return `${start} ${end} ${crc.toString(16)}\n`;
}

/** Those of whole lines, whatever they are worth. */
export function readBlocks(text: string, size: number | undefined): readonly Block[] {
  const blocks = text.split('\n').slice(0, -1).flatMap(readBlock);
  return blocks.filter(({ end }) => size === undefined || end <= size);
}

/** Of blocks that are proven those to go on from: in order, none over another. */
export function apart(blocks: readonly Block[]): readonly Block[] {
  let at = 0;
  return blocks
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start, end }) => {
      if (start < at) return false;
      at = end;
      return true;
    });
}

function readBlock(line: string): Block[] {
  const [, start, end, crc] = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{1,8})$/.exec(line) ?? [];
  if (start === undefined || end === undefined || crc === undefined) return [];
  const block = { start: Number(start), end: Number(end), crc: Number.parseInt(crc, 16) };
  return block.end > block.start ? [block] : [];
}
