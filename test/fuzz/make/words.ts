/** The words of a text. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** The lines of a text, for what has spaces in it. */
export function lines(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map(line => line.trim());
}
