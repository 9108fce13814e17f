/** How the cells of the heatmap are drawn, with margins and axes as those of the lines beside it. */
import { shownTime } from '../../hooks/numbers';
import type { Buckets } from '../../stats/buckets';
import { inksOf, smallFont } from './ink';
import { shownMoment, type View } from './view';

export const HEIGHT = 208;
const MARGIN = { start: 64, end: 8, top: 12, bottom: 28 };
const FEWEST_ROWS = 8;
const PALEST = 0.08;
/** Narrower cells have no room for a line between them. */
const PARTED_FROM = 6;
const BETWEEN_TIMES = 88;
const TIME_STEPS = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 10_800, 21_600, 86_400, 172_800, 604_800];
const TIMES_MS = [0.01, 0.1, 1, 10, 100, 1_000, 10_000];

/** What is drawn, and where. */
interface Board {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  /** Across, of a time. */
  x(seconds: number): number;
  /** Up, of a place among the buckets: its lower border. */
  y(place: number): number;
}

export function drawCells(canvas: HTMLCanvasElement, view: View, all: Buckets): void {
  const context = canvas.getContext('2d');
  const holder = canvas.parentElement;
  if (!context || !holder) return;
  const { clientWidth: width } = canvas;
  canvas.width = width * devicePixelRatio;
  canvas.height = HEIGHT * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const [from = 0] = view.times;
  const span = Math.max(1, (view.times.at(-1) ?? 0) - from);
  const rows = rowsOf(all);
  const down = (HEIGHT - MARGIN.top - MARGIN.bottom) / rows.count;
  const board: Board = {
    context,
    width,
    x: (seconds) => MARGIN.start + ((seconds - from) / span) * (width - MARGIN.start - MARGIN.end),
    y: (place) => HEIGHT - MARGIN.bottom - (place - rows.first) * down,
  };
  const ink = inksOf(holder);
  context.fillStyle = ink('--accent');
  drawAll(board, view, rows.first);
  context.font = smallFont(holder);
  context.fillStyle = ink('--text-3');
  context.strokeStyle = ink('--border');
  drawTimes(board, view);
}

function drawAll({ context, x, y }: Board, { times, coarse }: View, first: number): void {
  const most = Math.max(1, ...coarse.moments.flatMap((moment) => moment?.delivery ?? []));
  for (const [column, moment] of coarse.moments.entries()) {
    const begins = x(coarse.times[column - 1] ?? times[0] ?? 0);
    const across = x(coarse.times[column] ?? 0) - begins;
    for (const [place, count] of (moment?.delivery ?? []).entries()) {
      if (count === 0 || place < first) continue;
      // The eye takes shades for shares only when the darkest are not too many.
      context.globalAlpha = PALEST + (1 - PALEST) * Math.sqrt(count / most);
      const top = y(place + 1);
      const gap = across < PARTED_FROM ? 0 : 1;
      context.fillRect(begins, top, across - gap, y(place) - top - 1);
    }
  }
  context.globalAlpha = 1;
}

function drawTimes({ context, width, x, y }: Board, view: View): void {
  const { times } = view;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const ms of TIMES_MS) {
    // A bucket is called by the longest time in it: its upper border.
    const height = y(Math.log2(ms * 1_000) + 1);
    if (height < MARGIN.top - 1 || height > HEIGHT - MARGIN.bottom + 1) continue;
    context.fillText(shownTime(ms), MARGIN.start - 8, height);
    context.fillRect(MARGIN.start - 4, Math.round(height), 4, 1);
  }
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  const [from = 0] = times;
  const to = times.at(-1) ?? 0;
  const fits = (step: number) => x(from + step) - x(from) >= BETWEEN_TIMES;
  const step = TIME_STEPS.find(fits) ?? Math.max(1, to - from);
  // Days begin where people live, not in Greenwich.
  const shift = new Date(from * 1_000).getTimezoneOffset() * 60;
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) {
    if (x(at) < width - MARGIN.end - BETWEEN_TIMES / 4)
      context.fillText(shownMoment(at, view), x(at), HEIGHT - 4);
  }
}

/** The places that are in use, and some around them when they are few. */
function rowsOf(all: Buckets): { first: number; count: number } {
  const used = all.flatMap((count, place) => (count > 0 ? place : []));
  const lowest = used[0] ?? 8;
  const highest = used.at(-1) ?? lowest;
  const spare = Math.max(0, FEWEST_ROWS - (highest - lowest + 1));
  const first = Math.max(0, lowest - Math.ceil(spare / 2));
  return { first, count: Math.max(FEWEST_ROWS, highest - first + 1) };
}
