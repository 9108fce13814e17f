/** Every room there is, by what it costs: how large it is and how old, and nothing that was said in it. */
import { ArrowDown } from 'lucide-react';
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount } from '../../hooks/numbers';
import { useFilter } from '../../hooks/useFilter';
import { usePages } from '../../hooks/usePages';
import type { AdminRoom } from '../../protocol';
import { operatorApi } from '../../services/operatorApi';
import { ROOM_SIGNS } from '../ui/roomSigns';
import { Skeleton } from '../ui/Skeleton';
import { Endless } from './Endless';
import styles from './Lists.module.css';
import { Choice, Search } from './Narrowing';
import { Day } from './PersonRow';
import { Failed, Nothing } from './States';

const KINDS = ['public', 'private', 'direct'] as const;

type Sort = 'cost' | 'members' | 'activity';

export function RoomTable() {
  const [q, setQ] = useFilter('q');
  const [kind, setKind] = useFilter('kind');
  const [named, setSort] = useFilter('sort');
  const sort: Sort = named === 'members' || named === 'activity' ? named : 'cost';
  const words = operatorStrings();
  const rooms = usePages(`${q} ${kind} ${sort}`, async (cursor) => {
    const page = await operatorApi.rooms({ q: q.trim() || undefined, kind: kind || undefined, sort }, cursor);
    return { items: page.rooms, nextCursor: page.nextCursor };
  });
  const { items, failure, hasMore, more, retry } = rooms;
  const dearest = Math.max(1, ...(items ?? []).map(costOf));
  const order = (wanted: Sort) => ({ sort, wanted, onSort: () => setSort(wanted === 'cost' ? '' : wanted) });

  return (
    <>
      <search className={styles.filters}>
        <Search label={words.room.find} value={q} onChange={setQ} />
        <Choice
          label={words.room.kind}
          options={KINDS}
          names={words.room.kinds}
          value={kind}
          onChange={setKind}
        />
      </search>
      <p className={styles.note}>{words.room.costHint}</p>
      {failure && <Failed failure={failure} onRetry={retry} />}
      {!items && !failure && <Skeleton shape="list" />}
      {items?.length === 0 && <Nothing title={words.room.none} hint={words.room.noneHint} />}
      {items && items.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{words.room.column}</th>
              <Sortable {...order('members')}>{words.room.members}</Sortable>
              <th scope="col" className={`${styles.amount} ${styles.spare}`}>
                {words.room.entries}
              </th>
              <Sortable {...order('cost')}>{words.room.cost}</Sortable>
              <Sortable {...order('activity')}>{words.room.activity}</Sortable>
              <th scope="col" className={`${styles.amount} ${styles.spare}`}>
                {words.room.created}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((room) => (
              <RoomLine key={room.id} room={room} dearest={dearest} />
            ))}
          </tbody>
        </table>
      )}
      {items && hasMore && <Endless onMore={more} />}
    </>
  );
}

interface SortableProps {
  sort: Sort;
  wanted: Sort;
  onSort: () => void;
  children: string;
}

function Sortable({ sort, wanted, onSort, children }: SortableProps) {
  const chosen = sort === wanted;
  return (
    <th scope="col" className={styles.amount} aria-sort={chosen ? 'descending' : undefined}>
      <button type="button" className={styles.sort} onClick={onSort}>
        {children}
        <ArrowDown size={12} aria-hidden className={chosen ? undefined : styles.unsorted} />
      </button>
    </th>
  );
}

function RoomLine({ room, dearest }: { room: AdminRoom; dearest: number }) {
  const words = operatorStrings().room;
  const Sign = ROOM_SIGNS[room.kind];
  return (
    <tr data-off={room.archivedAt ? true : undefined}>
      <th scope="row" className={styles.who}>
        <span className={styles.name}>
          <Sign size={14} aria-hidden className={styles.sign} />
          <span className="visually-hidden">{words.kinds[room.kind]} </span>
          <bdi>{room.name ?? words.direct}</bdi>
          {room.archivedAt && <span className={styles.tag}>{words.archived}</span>}
        </span>
      </th>
      <td className={styles.amount} data-label={words.members}>
        {shownCount(room.memberCount)}
      </td>
      <td className={`${styles.amount} ${styles.spare}`}>{shownCount(room.entries)}</td>
      <td className={styles.amount} data-label={words.cost}>
        <span className={styles.cost} style={{ ['--part' as string]: costOf(room) / dearest }}>
          {shownCount(costOf(room))}
        </span>
      </td>
      <td className={styles.amount} data-label={words.activity}>
        <Day at={room.lastActivityAt} />
      </td>
      <td className={`${styles.amount} ${styles.spare}`}>
        <Day at={room.createdAt} />
      </td>
    </tr>
  );
}

const costOf = ({ memberCount, entries }: AdminRoom): number => memberCount * entries;
