/** How lines, bands, axes and marks are drawn: what uPlot is told, in the colours of the page. */
import uPlot from 'uplot';
import { type Ink, inksOf, smallFont } from './ink';

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly ink: Ink;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** The ground below it, or down to the line that makes a band with it. */
  readonly fill?: 'wash' | 'hatch';
}

export interface LineMark {
  readonly at: number;
  readonly text: string;
}

export interface Drawing {
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly log?: boolean;
  /** There are lines below the axis; what is there is as much as what is above it. */
  readonly mirrored?: boolean;
  /** Places of two lines, the upper one first, with ground between them. */
  readonly bands?: readonly (readonly [number, number])[];
  readonly marks?: readonly LineMark[];
  readonly shown: (value: number) => string;
  readonly shownTime: (seconds: number) => string;
}

const AXIS_WIDTH = 64;
const AXIS_HEIGHT = 28;
const BETWEEN_TIMES = 88;
const WASH = 0.16;
const HATCH_APART = 5;
/** One cursor for all plots of the page. */
const SYNC = 'operator';
const STEPS = [1, 2, 4, 6, 8, 10];

/** What somebody does with a mouse. */
interface Pointed {
  /** Nowhere, when the mouse has left. */
  moved(place: number | undefined): void;
  /** A part was drawn over, from one time to another. */
  selected(from: number, to: number): void;
  /** Twice pressed: back to the whole. */
  released(): void;
}

export function drawnBy(
  drawing: () => Drawing,
  element: HTMLElement,
  height: number,
  { moved, selected, released }: Pointed,
): uPlot {
  let inks = inksOf(element);
  const ink = (name: Ink, share?: number) => inks(name, share);
  const font = () => smallFont(element);
  const { lines, log = false, mirrored = false, bands = [] } = drawing();
  const axis = { stroke: () => ink('--text-3'), font: font(), ticks: { show: false } };
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      padding: [12, 8, 0, 0],
      legend: { show: false },
      cursor: {
        // Where one points is shown in all plots; what one draws over, the page tells them.
        sync: { key: SYNC, setSeries: false, filters: { pub: (type) => type === 'mousemove' } },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            released();
            return null;
          },
        },
        y: false,
        points: { size: 7, width: 2, fill: () => ink('--surface') },
      },
      scales: {
        x: { time: true, range: (_, from, to) => [from, to] },
        y: {
          ...(log && { distr: 3 as const }),
          range: (_, least, most) => rangeOf(least, most, { log, mirrored }),
        },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          space: BETWEEN_TIMES,
          grid: { show: false },
          values: (_, places) => places.map((seconds) => drawing().shownTime(seconds)),
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          grid: { stroke: () => ink('--border'), width: 1 },
          splits: (_, __, least, most) => splitsOf(least, most, log),
          values: (_, places) => places.map((value) => drawing().shown(Math.abs(value))),
        },
      ],
      series: [{}, ...lines.map((line) => seriesOf(line, ink))],
      bands: bands.map(([upper, lower]) => ({ series: [upper + 1, lower + 1] as [number, number] })),
      hooks: {
        // Colours are asked for at each drawing: they may be others by now.
        drawClear: [
          () => {
            inks = inksOf(element);
          },
        ],
        draw: [(plot) => drawMarks(plot, drawing().marks ?? [], ink, font())],
        setCursor: [(plot) => moved(plot.cursor.idx ?? undefined)],
        setSelect: [
          (plot) => {
            const { left, width: across } = plot.select;
            if (across === 0) return;
            selected(plot.posToVal(left, 'x'), plot.posToVal(left + across, 'x'));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    dataOf(drawing()),
    element,
  );
}

export const dataOf = ({ times, lines }: Pick<Drawing, 'times' | 'lines'>): uPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

function seriesOf({ ink: name, width = 1.5, dash, fill }: Line, ink: (ink: Ink, share?: number) => string) {
  return {
    stroke: () => ink(name),
    width,
    ...(dash && { dash: [...dash] }),
    ...(fill && {
      fill: (plot: uPlot) =>
        fill === 'wash' ? ink(name, WASH) : (hatching(plot.ctx, ink(name)) ?? ink(name, WASH)),
    }),
    // A time that stands alone between gaps would else not be seen.
    points: {
      show: true,
      size: width * 2,
      width: 0,
      fill: () => ink(name),
      filter: (plot, place) => alone(plot.data[place] ?? []),
    },
    spanGaps: false,
  } satisfies uPlot.Series;
}

/** Places that have no neighbour to draw a line to. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  const known = (place: number) => typeof values[place] === 'number';
  return Array.from(values, (_, place) => place).filter(
    (place) => known(place) && !known(place - 1) && !known(place + 1),
  );
}

function rangeOf(
  least: number | null,
  most: number | null,
  { log, mirrored }: { log: boolean; mirrored: boolean },
): [number, number] {
  if (log) {
    const from = Math.floor(Math.log10(least ?? 1));
    return [10 ** from, 10 ** Math.max(from + 1, Math.ceil(Math.log10(most ?? 1_000)))];
  }
  const top = roundUp(Math.max(most ?? 0, mirrored ? -(least ?? 0) : 0));
  return [mirrored ? -top : 0, top];
}

/** The next number that is easily read, and easily halved. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * power >= value) ?? 10) * power;
}

function splitsOf(least: number, most: number, log: boolean): number[] {
  if (!log) return [least, (least + most) / 2, most];
  const first = Math.round(Math.log10(least));
  const count = Math.round(Math.log10(most)) - first + 1;
  return Array.from({ length: count }, (_, place) => 10 ** (first + place));
}

function drawMarks(plot: uPlot, marks: readonly LineMark[], ink: (ink: Ink) => string, font: string): void {
  const { ctx, bbox } = plot;
  const { pxRatio } = uPlot;
  ctx.save();
  ctx.strokeStyle = ink('--text-2');
  ctx.fillStyle = ink('--text-2');
  ctx.font = font.replace(/[\d.]+px/, (size) => `${Number.parseFloat(size) * pxRatio}px`);
  ctx.lineWidth = pxRatio;
  ctx.setLineDash([2 * pxRatio, 3 * pxRatio]);
  ctx.textAlign = 'left';
  // Labels are not written over each other; what they say stands below the plot as well.
  let free = bbox.left;
  for (const { at, text } of marks) {
    const x = Math.round(plot.valToPos(at, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(text);
    const gap = 4 * pxRatio;
    const start = x + gap + width < bbox.left + bbox.width ? x + gap : x - gap - width;
    if (start < free) continue;
    ctx.fillText(text, start, bbox.top + 9 * pxRatio);
    free = start + width + gap;
  }
  ctx.restore();
}

/** Slanting lines, which are told from a plain ground without any colour. */
function hatching(ctx: CanvasRenderingContext2D, colour: string): CanvasPattern | undefined {
  const size = HATCH_APART * uPlot.pxRatio;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const drawn = tile.getContext('2d');
  if (!drawn) return undefined;
  drawn.strokeStyle = colour;
  drawn.lineWidth = uPlot.pxRatio;
  drawn.beginPath();
  for (const shift of [-size, 0, size]) {
    drawn.moveTo(shift, size);
    drawn.lineTo(shift + size, 0);
  }
  drawn.stroke();
  return ctx.createPattern(tile, 'repeat') ?? undefined;
}
