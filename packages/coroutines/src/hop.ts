export function startsWithHop(_body: unknown): boolean {
  return false;
}
