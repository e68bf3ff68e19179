import type { Marker, MarkerEnvironment, Term } from './marker.ts';
import { normalName } from './project-name.ts';
import { admits, parseSpecifiers } from './specifier.ts';
import { parseVersion } from './version.ts';

/** Whether a marker holds; without one it does. */
export function holds(marker: Marker | undefined, environment: MarkerEnvironment): boolean {
  if (marker === undefined) return true;
  if (marker.kind !== 'compare') {
    const isHeld = (one: Marker): boolean => holds(one, environment);
    return marker.kind === 'and' ? marker.of.every(isHeld) : marker.of.some(isHeld);
  }
  const isExtra = [marker.left, marker.right].some(term => 'name' in term && term.name === 'extra');
  const valueOf = (term: Term): string => {
    const text = 'name' in term ? environment[term.name] : term.text;
    return isExtra ? normalName(text) : text;
  };
  return compares(valueOf(marker.left), marker.operator, valueOf(marker.right));
}

/** As versions, where both are some, and as texts otherwise. */
function compares(left: string, operator: string, right: string): boolean {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const specifiers = parseSpecifiers(operator + right);
  if (specifiers !== undefined && parseVersion(left) !== undefined) return admits(specifiers, left);
  return comparesText(left, operator, right);
}

function comparesText(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '==':
    case '===':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}
