import type { BaseContents } from '../base-image.ts';

const PATHS = ['etc/os-release', 'usr/lib/os-release'];

/** The system an image is of: os-release(5). One that has no version, such as a rolling one, has ''. */
export function systemIn(texts: ReadonlyMap<string, string>): BaseContents['system'] {
  const text = PATHS.map(path => texts.get(path)).find(one => one !== undefined);
  return text === undefined ? undefined : readOsRelease(text);
}

export function readOsRelease(text: string): BaseContents['system'] {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}=(?:"([^"]*)"|'([^']*)'|(\\S*))\\s*$`, 'm')
      .exec(text)
      ?.slice(1)
      .find(one => one !== undefined);
  const id = value('ID') ?? 'linux';
  return { id, version: value('VERSION_ID') ?? '' };
}
