/** The room that an address of the client opens, if it opens one. */
export function roomInAddress(path: string): string | undefined {
  return /^\/r\/([^/]+)/.exec(path)?.[1];
}
