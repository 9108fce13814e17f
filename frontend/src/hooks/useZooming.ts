/** Which part of the time shown is looked at, and what leads closer to it and back. */
import { useMemo, useState } from 'react';
import { closestOf, type Range } from '../stats/ranges';
import { between, moved, type Span, scaled, spanOf, type Zoom } from '../stats/zoom';

export interface Zooming {
  readonly span: Span;
  /** Nothing while the whole is seen. */
  readonly zoom: Zoom | undefined;
  readonly isClosest: boolean;
  closer(around?: number): void;
  further(around?: number): void;
  /** By a share of what is seen; less than nothing is earlier. */
  move(share: number): void;
  between(one: number, other: number): void;
  all(): void;
}

/** Another length of time begins as a whole. */
export function useZooming(range: Range, { from, to }: Span): Zooming {
  const [chosen, choose] = useState<{ range: Range; zoom: Zoom | undefined }>({ range, zoom: undefined });
  const zoom = chosen.range === range ? chosen.zoom : undefined;
  return useMemo(() => {
    const whole = { from, to };
    const least = closestOf(range);
    // Keys come faster than pages: each goes on from where the one before it leads.
    const change = (next: (zoom: Zoom | undefined) => Zoom | undefined) =>
      choose((last) => ({ range, zoom: next(last.range === range ? last.zoom : undefined) }));
    return {
      span: spanOf(whole, zoom),
      zoom,
      isClosest: zoom !== undefined && zoom.seconds <= least,
      closer: (around) => change((last) => scaled(whole, last, { factor: 0.5, least, around })),
      further: (around) => change((last) => scaled(whole, last, { factor: 2, least, around })),
      move: (share) => change((last) => moved(whole, last, share)),
      between: (one, other) => change(() => between(whole, least, one, other)),
      all: () => change(() => undefined),
    };
  }, [range, zoom, from, to]);
}
