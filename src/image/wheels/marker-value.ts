import type { Marker, MarkerEnvironment, MarkerName, Term } from './marker.ts';
import { normalName } from './project-name.ts';
import { admits, parseSpecifiers } from './specifier.ts';

/** Whether a marker holds; without one it does. */
export function holds(marker: Marker | undefined, environment: MarkerEnvironment): boolean {
  if (marker === undefined) return true;
  if (marker.kind !== 'compare') {
    const isHeld = (one: Marker): boolean => holds(one, environment);
    return marker.kind === 'and' ? marker.of.every(isHeld) : marker.of.some(isHeld);
  }
  const { left, operator, right } = marker;
  const isExtra = [left, right].some(term => nameOf(term) === 'extra');
  const valueOf = (term: Term): string => {
    const text = 'name' in term ? environment[term.name] : term.text;
    return isExtra ? normalName(text) : text;
  };
  const isVersion = [left, right].some(term => VERSIONS.includes(nameOf(term)));
  return compares(valueOf(left), operator, valueOf(right), isVersion);
}

const VERSIONS: readonly (MarkerName | undefined)[] = [
  'python_version',
  'python_full_version',
  'implementation_version',
  'platform_release',
];

function nameOf(term: Term): MarkerName | undefined {
  return 'name' in term ? term.name : undefined;
}

/** As versions, where the name has some and the right side is one, and as texts otherwise. */
function compares(left: string, operator: string, right: string, isVersion: boolean): boolean {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const specifiers = isVersion ? parseSpecifiers(operator + right) : undefined;
  return specifiers === undefined ? comparesText(left, operator, right) : admits(specifiers, left);
}

/** Texts have no order, whatever sign stands between them. */
function comparesText(left: string, operator: string, right: string): boolean {
  if (operator === '!=') return left !== right;
  return ['==', '===', '<=', '>='].includes(operator) && left === right;
}
