/**
 * What is known of a room's log: stretches of it, with gaps between.
 *
 * A span says "every message whose `seq` lies in `from..to` is in `ids`". Two
 * spans that touch or overlap are one. Whatever is not covered by a span is a
 * gap, and is shown as one: there is no way to hold messages and not know
 * whether others belong between them.
 *
 * An empty span (`to === from - 1`) is a mere place in the log: nothing is
 * known yet, but what comes next will join there.
 */

export interface Span {
  readonly from: number;
  readonly to: number;
  /** In ascending `seq`. */
  readonly ids: readonly string[];
}

type SeqOf = (id: string) => number;

/** Adds what has been learnt; spans stay disjoint and in ascending order. */
export function addSpan(spans: readonly Span[], added: Span, seqOf: SeqOf): readonly Span[] {
  const before: Span[] = [];
  const after: Span[] = [];
  let merged = added;
  for (const span of spans) {
    if (span.to + 1 < merged.from) before.push(span);
    else if (merged.to + 1 < span.from) after.push(span);
    else merged = join(span, merged, seqOf);
  }
  return [...before, merged, ...after];
}

/** Forgets what lies outside `from..to`; what was known there becomes a gap. */
export function keepOnly(spans: readonly Span[], from: number, to: number, seqOf: SeqOf): readonly Span[] {
  const kept: Span[] = [];
  for (const span of spans) {
    const start = Math.max(span.from, from);
    const end = Math.min(span.to, to);
    if (end < start) continue;
    const ids = span.ids.filter((id) => seqOf(id) >= start && seqOf(id) <= end);
    kept.push({ from: start, to: end, ids });
  }
  return kept;
}

function join(a: Span, b: Span, seqOf: SeqOf): Span {
  return {
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    ids: mergeIds(a.ids, b.ids, seqOf),
  };
}

function mergeIds(a: readonly string[], b: readonly string[], seqOf: SeqOf): readonly string[] {
  const [early, late] = seqOf(a[0] ?? '') <= seqOf(b[0] ?? '') ? [a, b] : [b, a];
  const lastEarly = early.at(-1);
  const firstLate = late[0];
  if (lastEarly === undefined) return late;
  if (firstLate === undefined) return early;
  // The usual case, a page before or a message after, needs no sorting.
  if (seqOf(lastEarly) < seqOf(firstLate)) return [...early, ...late];
  return [...new Set([...a, ...b])].sort((x, y) => seqOf(x) - seqOf(y));
}
