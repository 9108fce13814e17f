/** For a newcomer: some of the rooms that are there already, one press away. */
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import type { Room } from '../../protocol';
import { api } from '../../services/api';
import { BrowsedRoom } from './BrowsedRoom';
import styles from './BrowsedRoom.module.css';

const SHOWN = 5;

export function RoomsToJoin() {
  const [rooms, setRooms] = useState<readonly Room[]>([]);

  useEffect(() => {
    let current = true;
    // An offer that does not come is not missed: the browser of rooms says why.
    api.browseRooms('').then(
      (list) => current && setRooms(list.rooms.slice(0, SHOWN)),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, []);

  if (rooms.length === 0) return null;
  return (
    <ul className={`${styles.list} ${styles.offered}`} aria-label={strings.rooms.browse}>
      {rooms.map((room) => (
        <BrowsedRoom key={room.id} room={room} />
      ))}
    </ul>
  );
}
