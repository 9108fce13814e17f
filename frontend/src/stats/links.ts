/**
 * What runs between the nodes, as each tells what it heard of the others.
 *
 * Every node tells of itself every second: one that is there and that another did
 * not hear for some seconds is cut off from it, and the link between them suspect.
 */
import { lately, type Moments, samplesOf } from './moment';

export interface Link {
  readonly from: string;
  readonly to: string;
  /** Each a second. */
  readonly words: number;
  readonly bytes: number;
  readonly suspect: boolean;
}

/** A node that has been there for less has not been heard by all. */
const LEAST_SECONDS = 3;
/** A sample tells of so many others, and of no more. */
const MOST_HEARD = 16;

/** Between each two of the nodes, in both directions. `moments` are seconds. */
export function linksOf(moments: Moments, nodes: readonly string[]): Link[] {
  const newest = lately(moments);
  const told = (nodeId: string) => samplesOf(newest, nodeId);
  return nodes.flatMap((to) => {
    const samples = told(to);
    const seconds = samples.reduce((sum, one) => sum + one.seconds, 0);
    const isFull = samples.some(({ heard = [] }) => heard.length >= MOST_HEARD);
    return nodes
      .filter((from) => from !== to)
      .map((from) => {
        const heard = samples.flatMap((one) => one.heard ?? []).filter(({ nodeId }) => nodeId === from);
        const sum = (name: 'words' | 'bytes') => heard.reduce((all, one) => all + one[name], 0);
        const known = Math.min(seconds, told(from).length) >= LEAST_SECONDS;
        return {
          from,
          to,
          words: seconds > 0 ? sum('words') / seconds : 0,
          bytes: seconds > 0 ? sum('bytes') / seconds : 0,
          suspect: known && !isFull && heard.length === 0,
        };
      });
  });
}
