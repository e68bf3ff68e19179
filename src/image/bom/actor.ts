/** Words of those who are more than one person. */
const MANY =
  /\b(?:authors|community|contributors|developers|foundation|group|inc|llc|ltd|maintainers?|organi[sz]ation|packagers|packaging|project|team)\b|\blists?\./i;

/**
 * Who answers for a package, as SPDX writes it (2.3, 7.5): `Organization: Debian Python Team (team@debian.org)`. A name and an address are all
 * that packages tell, so which of the two it is can be seen by its words alone. Undefined where there is no name in the text.
 */
export function actorOf(text: string | undefined): string | undefined {
  const plain = text?.toWellFormed().replaceAll(/[\s\p{Cc}]+/gu, ' ') ?? '';
  const [, before = plain, address = ''] = /^([^<]*)<([^<>]*)>/.exec(plain) ?? [];
  // Parentheses are what an address stands in.
  const [name, mail] = [before, address].map(one => one.replaceAll(/[()]/g, '').trim());
  const called = name || mail;
  if (!called) return undefined;
  const kind = MANY.test(plain) ? 'Organization' : 'Person';
  return `${kind}: ${called}${mail && called !== mail ? ` (${mail})` : ''}`;
}
