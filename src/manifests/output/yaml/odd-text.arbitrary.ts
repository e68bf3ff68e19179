/** Texts that mean something to YAML, to one of its readers, or to a template. */
import * as fc from 'fast-check';

const PIECES =
  'a B 1 0 . - + _ : # \' " \\ / ~ @ % , = ( ) * & ! | > ? [ ] { } {{ }} {{- -}} {{/* */}} e x é 模 🙂 yes null'.split(
    ' ',
  );
const BREAKS = ' |\n|\t|\r|\0|\u0085|\u2028|\ufeff|\uffff'.split('|');
const WHOLE = 'yes n null ~ 1e3 1E e1 -e1 010 0o17 0x1f .5 1_000 12:30 1.10 2026-01-31 << = --- ...'.split(
  ' ',
);

const pieces = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\n') },
  { weight: 1, arbitrary: fc.constantFrom(...BREAKS) },
);

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(pieces, { maxLength: 12 }).map(all => all.join('')) },
  fc.constantFrom(...WHOLE, ''),
  fc.string({ unit: 'binary' }).map(text => text.toWellFormed()),
);
