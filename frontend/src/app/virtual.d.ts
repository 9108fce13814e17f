/** Made at build time by `scripts/emoji.ts`. */
declare module 'virtual:emoji' {
  const rows: readonly (readonly [
    emoji: string,
    name: string,
    group: number,
    version: number,
    shortcodes: readonly string[],
    tags: readonly string[],
  ])[];
  export default rows;
}
