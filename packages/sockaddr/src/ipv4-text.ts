/**
 * The strict text of IPv4, four decimal octets, to a number and back: inet_pton(3), RFC 6943 §3.1.1.
 *
 * The one parser and the one formatter of this form in the package. The old forms, octal and all, live in inet-addr.ts.
 */

const DIGIT_0 = 0x30;
/** '.' as a distance from '0', so that one subtraction serves both comparisons. */
const DOT = 0x2e - DIGIT_0;
/** `255.255.255.255`; nothing longer can be right, so a megabyte of text costs nothing. */
const LONGEST = 15;

/** Decimal text of each byte. HOT: bench/text.bench.ts */
const octetText: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, octet) =>
  String(octet),
);

/**
 * Reads `text` from `start` up to `end`.
 *
 * HOT: bench/text.bench.ts; one loop over character codes checks and converts, and allocates nothing.
 *
 * @returns the address as a number, first octet highest, or -1
 */
export function parseIpv4(text: string, start: number, end: number): number {
  if (end - start > LONGEST) return -1;
  let address = 0;
  let dots = 0;
  // -1: no digit of this octet seen yet.
  let octet = -1;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (digit >= 0 && digit <= 9) {
      // A leading zero is refused, not skipped: half of the world's parsers would read the octet as octal.
      if (octet === 0) return -1;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    } else {
      if (digit !== DOT || octet < 0) return -1;
      address = (address << 8) | octet;
      dots++;
      octet = -1;
    }
  }
  if (dots !== 3 || octet < 0) return -1;
  return address * 256 + octet;
}

/** Writes the four bytes from `at` on as text. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  const first = octetText[bytes[at] ?? 0];
  const second = octetText[bytes[at + 1] ?? 0];
  const third = octetText[bytes[at + 2] ?? 0];
  return `${first}.${second}.${third}.${octetText[bytes[at + 3] ?? 0]}`;
}
