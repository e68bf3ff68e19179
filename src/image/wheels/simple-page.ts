/** Pages of an index of packages: packaging specifications, "Simple repository API" (PEP 503 and 691). */
import { err, ok, type Result } from '#base';
import type { Offered } from './choose.ts';
import { fileNameOf } from './wheel-name.ts';

export interface Link extends Offered {
  readonly url: string;
  /** Bytes, where the index says it. */
  readonly size?: number | undefined;
}

/** What is asked for: JSON where there is any. */
export const ACCEPT =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** Files that a page links to, from where it lies. The error is what is wrong with it. */
export function linksOf(page: {
  text: string;
  type: string | undefined;
  url: string;
}): Result<readonly Link[], string> {
  return /\bjson\b/i.test(page.type ?? '')
    ? linksOfJson(page.text, page.url)
    : ok(linksOfHtml(page.text, page.url));
}

function linksOfJson(text: string, base: string): Result<readonly Link[], string> {
  let found: { files?: unknown; meta?: { 'api-version'?: unknown } } | null;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return err('is no JSON, though it says so');
  }
  const files = found?.files;
  if (!Array.isArray(files)) return err('has no list of files');
  const version = found?.meta?.['api-version'] ?? '1.0';
  if (typeof version !== 'string' || !/^1(?:\.|$)/.test(version))
    return err('is of a version that is not known here');
  return ok(files.flatMap(file => linkOfJson(file as Record<string, unknown> | null, base) ?? []));
}

function linkOfJson(file: Record<string, unknown> | null, base: string): Link | undefined {
  const { url, filename, hashes, size } = file ?? {};
  if (typeof url !== 'string' || !URL.canParse(url, base)) return undefined;
  const sha256 = (hashes as Record<string, unknown> | null | undefined)?.['sha256'];
  return {
    url: new URL(url, base).href,
    file: typeof filename === 'string' ? filename : fileNameOf(url),
    sha256: typeof sha256 === 'string' ? sha256.toLowerCase() : undefined,
    size: typeof size === 'number' ? size : undefined,
  };
}

const ANCHOR = /<a\s([^>]*)>/gi;

function linksOfHtml(text: string, pageUrl: string): readonly Link[] {
  const stated = attribute(/<base\s([^>]*)>/i.exec(text)?.[1] ?? '', 'href');
  const base =
    stated !== undefined && URL.canParse(stated, pageUrl) ? new URL(stated, pageUrl).href : pageUrl;
  return [...text.matchAll(ANCHOR)].flatMap(([, attributes = '']) => {
    const href = attribute(attributes, 'href');
    if (href === undefined || !URL.canParse(href, base)) return [];
    const url = new URL(href, base);
    const sha256 = /^#(?:.*&)?sha256=([0-9a-f]{64})(?:&|$)/i.exec(url.hash)?.[1]?.toLowerCase();
    url.hash = '';
    return [{ url: url.href, file: fileNameOf(url.href), sha256 }];
  });
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(String.raw`(?:^|\s)${name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`, 'i').exec(
    attributes,
  );
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : unescaped(value.trim());
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
