/**
 * The tutorial's wide text in buffers: Windows' `wchar_t`, two bytes a unit, UTF-16LE.
 *
 * JavaScript's strings are UTF-16 already, so nothing is converted: units are copied. The order of the two bytes is that
 * of the machine, as in the original; all systems that we run on are little-endian.
 */

/** For `sizeof(wchar_t)`: 2, as on Windows. On Linux C's own `wchar_t` has 4 bytes, and the two would not understand each other. */
export const wchar_t = { SIZE: 2 } as const;

/** C's `L"…"`, without its terminator: a buffer with the units of a text. */
export function wide(text: string): Uint16Array {
  // Not from(text): a string iterates by characters, and those outside the basic plane are two units.
  return Uint16Array.from({ length: text.length }, (_, unit) => text.charCodeAt(unit));
}

/** Gives the units before the terminator, as wcslen(3); without one, all that the buffer has. */
export function wcslen(buf: Uint16Array): number {
  const terminator = buf.indexOf(0);
  return terminator < 0 ? buf.length : terminator;
}

/** The text in a buffer up to its terminator: what `std::wcout << buf` prints. */
export function wideText(buf: Uint16Array): string {
  return String.fromCharCode(...buf.subarray(0, wcslen(buf)));
}
