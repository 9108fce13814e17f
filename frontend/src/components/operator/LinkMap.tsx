/** Who hears whom: nodes round a ring, and between them lines as strong as what runs there; dashed, if suspect. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownSize } from '../../hooks/numbers';
import type { Link } from '../../stats/links';
import badge from './Badge.module.css';
import styles from './LinkMap.module.css';
import { shortNode } from './nodeNames';
import { Columns, TableWell } from './Tables';

interface Props {
  nodes: readonly string[];
  links: readonly Link[];
}

/** Among more than so many, lines are a tangle and the table says more. */
const MOST_DRAWN = 12;
const WIDTH = 320;
const HEIGHT = 200;
const RING = { x: 112, y: 66 };
const THINNEST = 1;
const THICKEST = 6;

export function LinkMap({ nodes, links }: Props) {
  const words = operatorStrings().links;
  return (
    <div className={styles.links}>
      {nodes.length <= MOST_DRAWN && <Ring nodes={nodes} links={links} />}
      <TableWell title={words.title} className={styles.well}>
        <caption className="visually-hidden">{words.title}</caption>
        <Columns names={[words.from, words.to, words.state, words.words, words.bytes]} />
        <tbody>
          {links.map(({ from, to, words: count, bytes, suspect }) => (
            <tr key={`${from} ${to}`} data-suspect={suspect || undefined}>
              <th scope="row">
                <bdi>{shortNode(from)}</bdi>
              </th>
              <td>
                <bdi>{shortNode(to)}</bdi>
              </td>
              <td>{suspect ? <strong className={badge.badge}>{words.suspect}</strong> : words.fine}</td>
              <td>{shownCount(count)}</td>
              <td>{shownSize(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </TableWell>
    </div>
  );
}

/** Drawn for those who see it; all of it is in the table. */
function Ring({ nodes, links }: Props) {
  const places = new Map(nodes.map((node, place) => [node, placeOf(place, nodes.length)]));
  const most = Math.max(...links.map(({ words }) => words), 1);
  return (
    <svg className={styles.ring} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      {pairsOf(links).map(({ from, to, words, suspect }) => {
        const [one, other] = [places.get(from), places.get(to)];
        if (!one || !other) return null;
        const strong = THINNEST + (THICKEST - THINNEST) * (Math.log1p(words) / Math.log1p(2 * most));
        return (
          <line
            key={`${from} ${to}`}
            className={styles.line}
            data-suspect={suspect || undefined}
            x1={one.x}
            y1={one.y}
            x2={other.x}
            y2={other.y}
            strokeWidth={suspect ? 2 : strong}
          />
        );
      })}
      {nodes.map((node) => {
        const { x = 0, y = 0 } = places.get(node) ?? {};
        return (
          <g key={node} className={styles.node}>
            <circle cx={x} cy={y} r={7} />
            <text x={x} y={y < HEIGHT / 2 ? y - 13 : y + 21}>
              {shortNode(node)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** Both directions are one line, which is suspect when one of them is. */
function pairsOf(links: readonly Link[]): Link[] {
  const pairs = new Map<string, Link>();
  for (const link of links) {
    const key = [link.from, link.to].sort().join(' ');
    const other = pairs.get(key);
    pairs.set(key, {
      ...link,
      words: link.words + (other?.words ?? 0),
      suspect: link.suspect || (other?.suspect ?? false),
    });
  }
  return [...pairs.values()];
}

/** The first at the start, so that two lie beside each other. */
function placeOf(place: number, count: number): { x: number; y: number } {
  const turn = Math.PI + (2 * Math.PI * place) / count;
  return { x: WIDTH / 2 + RING.x * Math.cos(turn), y: HEIGHT / 2 + RING.y * Math.sin(turn) };
}
