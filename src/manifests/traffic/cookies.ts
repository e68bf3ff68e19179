/** Cookies as routers see them: one header with all of them. */

/**
 * A pattern for a whole Cookie header that holds this cookie with just this value (RFC 6265, 4.2.1). It has nothing that RE2 does
 * not know, and its anchors make it the same where a router looks for a part.
 */
export function cookiePattern(name: string, value: string): string {
  return `^(.*;)?\\s*${escaped(name)}=${escaped(value)}\\s*(;.*)?$`;
}

/** A Set-Cookie header (RFC 6265, 4.1) that a browser keeps for so many milliseconds. No script of a page needs to read it. */
export function setCookie(name: string, value: string, maxAgeMs: number): string {
  return `${name}=${value}; Max-Age=${Math.floor(maxAgeMs / 1000)}; Path=/; HttpOnly; SameSite=Lax`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
