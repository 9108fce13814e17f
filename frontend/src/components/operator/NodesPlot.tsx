/** The nodes side by side, and what runs between them. */
import { operatorStrings } from '../../app/operatorStrings';
import { wholeTime } from '../../hooks/dates';
import { listed } from '../../hooks/lists';
import { shownCount, shownShare, shownSize, shownTime } from '../../hooks/numbers';
import { levelOf } from '../../stats/levels';
import { type Link, linksOf } from '../../stats/links';
import { type Column, lately, type Moment, samplesOf } from '../../stats/moment';
import { hasLeft, type Life } from '../../stats/series';
import { Fact } from './Fact';
import { Figure } from './Figure';
import { LinkMap } from './LinkMap';
import styles from './Nodes.module.css';
import { shortNode } from './nodeNames';

interface Node {
  readonly life: Life;
  readonly silent: boolean;
  /** The share of one core. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly connections: number | null;
  readonly lagMs: number | null;
}

/** From a tenth of a second on people notice that the loop is late. */
const LAG_LIMITS = [100, 500] as const;
const CPU_LIMITS = [0.8, 0.95] as const;

interface Props {
  /** The last quarter of an hour, in seconds. */
  live: Column;
  lives: readonly Life[];
}

export function NodesPlot({ live, lives }: Props) {
  const words = operatorStrings().nodes;
  const nodes = nodesOf(live, lives);
  const busiest = nodes.reduce<Node | undefined>(
    (most, node) => ((node.cpu ?? 0) > (most?.cpu ?? -1) ? node : most),
    undefined,
  );
  const sentence = busiest
    ? words.summary(nodes.length, shortNode(busiest.life.nodeId), shownShare(busiest.cpu ?? 0))
    : operatorStrings().trend.unknown;
  const running = nodes.filter(({ silent }) => !silent).map(({ life }) => life.nodeId);
  const links = linksOf(live.moments, running);
  const suspect = links.filter((link) => link.suspect);
  return (
    <Figure
      title={words.title}
      sentence={suspect.length > 0 ? `${sentence} ${suspected(suspect)}` : sentence}
      table={() => tableOf(nodes)}
      wide
    >
      <ul className={styles.nodes}>
        {nodes.map((node) => (
          <NodeTile key={`${node.life.nodeId} ${node.life.startedAt}`} node={node} />
        ))}
      </ul>
      {links.length > 0 && <LinkMap nodes={running} links={links} />}
    </Figure>
  );
}

const suspected = (links: readonly Link[]): string =>
  operatorStrings().links.unheard(
    listed(links.map(({ from, to }) => operatorStrings().links.between(shortNode(from), shortNode(to)))),
  );

function NodeTile({ node }: { node: Node }) {
  const words = operatorStrings().nodes;
  const { life, silent, cpu } = node;
  return (
    <li className={styles.node} data-silent={silent || undefined}>
      <h4 className={styles.name}>
        <bdi>{shortNode(life.nodeId)}</bdi>
        <span className={styles.version}>{life.version}</span>
        {silent && <strong className={styles.word}>{words.silent}</strong>}
      </h4>
      <dl className={styles.facts}>
        <Fact name={words.cpuShort} level={levelOf(cpu, CPU_LIMITS)} value={shown(cpu, shownShare)} />
        <Fact name={words.memory} value={shown(node.memory, shownSize)} />
        <Fact name={words.connections} value={shown(node.connections, shownCount)} />
        <Fact name={words.lag} level={levelOf(node.lagMs, LAG_LIMITS)} value={shown(node.lagMs, shownTime)} />
      </dl>
    </li>
  );
}

function nodesOf({ times, moments }: Column, lives: readonly Life[]): Node[] {
  const now = times.at(-1) ?? 0;
  const newest = lately(moments);
  const lived = new Map<string, Life>();
  for (const life of lives) {
    const known = lived.get(life.nodeId);
    if (!known || known.startedAt < life.startedAt) lived.set(life.nodeId, life);
  }
  return [...lived.values()]
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))
    .map((life) => {
      const silent = hasLeft(life, now);
      return {
        life,
        silent,
        ...(silent ? UNKNOWN : stateOf(newest, life.nodeId)),
      };
    });
}

const UNKNOWN = { cpu: null, memory: null, connections: null, lagMs: null };

function stateOf(moments: readonly Moment[], nodeId: string): Omit<Node, 'life' | 'silent'> {
  const samples = samplesOf(moments, nodeId);
  const last = samples.at(-1);
  if (!last) return UNKNOWN;
  const seconds = samples.reduce((sum, one) => sum + one.seconds, 0);
  const busy = samples.map((one) => one.cpuMs ?? null);
  return {
    cpu: busy.includes(null)
      ? null
      : busy.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / (seconds * 1_000),
    memory: last.rssBytes ?? null,
    connections: last.connections.websocket + last.connections.polling,
    lagMs: Math.max(...samples.map((one) => one.lagUs)) / 1_000,
  };
}

function tableOf(nodes: readonly Node[]) {
  const words = operatorStrings().nodes;
  return {
    columns: [words.node, words.version, words.since, words.cpu, words.memory, words.connections, words.lag],
    rows: nodes.map(({ life, silent, cpu, memory, connections, lagMs }) => [
      silent ? `${life.nodeId} (${words.silent})` : life.nodeId,
      life.version,
      wholeTime(new Date(life.startedAt)),
      shown(cpu, shownShare),
      shown(memory, shownSize),
      shown(connections, shownCount),
      shown(lagMs, shownTime),
    ]),
  };
}

function shown(value: number | null, show: (value: number) => string): string {
  return value === null ? '–' : show(value);
}
