/** From a text of YAML or JSON to the objects in it, read as kubectl reads it. */
import { type Document, LineCounter, parseAllDocuments, type Tags } from 'yaml';
import { err, messageOf, ok, type Result } from '#base';
import type { Issue } from '#spec';
import type { KubeObject } from '../../object.ts';
import { objectsIn, type Path } from './objects-in.ts';

/** The longest text that is read: four times what a thousand services come to. Characters. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** YAML 1.1 has these too, and numbers to the base of 60; kubectl's reader leaves them as text. */
const LEFT_AS_TEXT = /:(?:timestamp|binary|omap|pairs|set)$/;

const tagsOf = (tags: Tags): Tags =>
  tags.filter(tag => {
    if (typeof tag === 'string') return true;
    return !LEFT_AS_TEXT.test(tag.tag) && !('format' in tag && tag.format === 'TIME');
  });

type Found = Result<readonly KubeObject[], Issue>;

/**
 * Every object, those of lists (`kind: List`) too. Documents that hold nothing are passed over. It is YAML 1.1, as kubectl's is: there
 * `yes` is true. The first fault ends it.
 */
export function parseObjects(text: string): Found {
  if (text.length > MOST_CHARACTERS)
    return faultAt(0, `the text is longer than ${MOST_CHARACTERS} characters`);
  const lines = new LineCounter();
  const options = { version: '1.1', customTags: tagsOf, prettyErrors: false, lineCounter: lines } as const;
  try {
    return gathered([...parseAllDocuments(text, options)], lines);
  } catch (error: unknown) {
    return faultAt(0, unreadable(error), lines);
  }
}

function gathered(documents: readonly Document.Parsed[], lines: LineCounter): Found {
  const all: KubeObject[] = [];
  for (const document of documents) {
    const found = ofDocument(document, lines);
    if (!found.ok) return found;
    all.push(...found.value);
  }
  return ok(all);
}

function ofDocument(document: Document.Parsed, lines: LineCounter): Found {
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined)
    return faultAt(wrong.pos[0], `the text is not valid YAML: ${wrong.message}`, lines);
  const start = document.contents?.range[0] ?? 0;
  try {
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return ok([]);
    const found = objectsIn(value);
    return 'objects' in found ? ok(found.objects) : faultOf(found.path, found.problem, { document, lines });
  } catch (error: unknown) {
    return faultAt(start, unreadable(error), lines);
  }
}

/** The library refuses an alias of nothing, and aliases of aliases that would fill the memory, by throwing; so does a full stack. */
function unreadable(error: unknown): string {
  const message = messageOf(error);
  const isDeep = /maximum call stack|stack overflow/i.test(message);
  return `the text cannot be read: ${isDeep ? 'it is nested too deeply' : message}`;
}

/** At what the path leads to, or the nearest above it that is there. */
function faultOf(
  path: Path,
  problem: string,
  { document, lines }: { document: Document.Parsed; lines: LineCounter },
): Found {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
    if (Array.isArray(range)) return faultAt(Number(range[0]), problem, lines, path.join('.'));
  }
  return faultAt(document.range[0], problem, lines, path.join('.'));
}

function faultAt(offset: number, problem: string, lines?: LineCounter, path = ''): Result<never, Issue> {
  const { line, col } = lines?.linePos(offset) ?? { line: 1, col: 1 };
  return err({ path, line: Math.max(1, line), column: Math.max(1, col), problem });
}
