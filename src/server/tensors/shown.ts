/** What messages quote of a client's text: enough to recognise it. Characters. */
export const MOST_SHOWN = 100;

/** A client's text as messages quote it: its length is the client's choice, a message's and a log line's is not. */
export function shown(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN).toWellFormed()}…`;
}
