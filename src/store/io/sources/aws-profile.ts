import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SourceOptions } from '../../source.ts';

/** Where a profile says that S3 is. */
export interface ProfilePlace {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

type Environment = SourceOptions['environment'];
type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The region and the endpoint of a profile. The library reads endpoints of the profile of AWS_PROFILE only, and throws where it
 * finds no region; its credentials, all that they can be, are left to it.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function placeOfProfile(profile: string, environment: Environment): Promise<ProfilePlace> {
  const home = join(environment['HOME'] ?? homedir(), '.aws');
  const [config, credentials] = await Promise.all([
    sectionsOf(environment['AWS_CONFIG_FILE'] || join(home, 'config')),
    sectionsOf(environment['AWS_SHARED_CREDENTIALS_FILE'] || join(home, 'credentials')),
  ]);
  // Only the default one may stand there without the word `profile`.
  const bare = profile === 'default' ? config.get(profile) : undefined;
  const own = config.get(`profile ${profile}`) ?? bare ?? new Map<string, string>();
  const services = config.get(`services ${own.get('services')}`);
  return {
    region: own.get('region') ?? credentials.get(profile)?.get('region'),
    endpoint: services?.get('s3.endpoint_url') ?? own.get('endpoint_url'),
  };
}

/** Without a file there are none. */
async function sectionsOf(path: string): Promise<Sections> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let outer = '';
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    const [, indent = '', key = '', value = ''] =
      /^(\s*)([\w.-]+)\s*=\s*(.*?)(?:\s+[#;].*)?\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name.replaceAll(/\s+/g, ' ')) ?? new Map<string, string>();
      sections.set(name.replaceAll(/\s+/g, ' '), section);
    } else if (key !== '' && indent === '') {
      outer = key;
      section.set(key, value);
    } else if (key !== '') section.set(`${outer}.${key}`, value);
  }
  return sections;
}
