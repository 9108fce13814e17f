import { strings } from '../app/strings';
import { FirstSteps } from '../components/rooms/FirstSteps';
import { RoomsToJoin } from '../components/rooms/RoomsToJoin';
import { useWatched } from '../hooks/useChat';
import { useTitle } from '../hooks/useTitle';
import styles from './HomePage.module.css';

export function HomePage() {
  const empty = useWatched('rooms', (chat) => chat.rooms.list.length === 0);
  useTitle(undefined);
  return (
    <section className={styles.page}>
      {empty ? (
        <>
          <FirstSteps title={strings.rooms.emptyTitle} hint={strings.rooms.emptyHint} />
          <RoomsToJoin />
        </>
      ) : (
        <FirstSteps title={strings.rooms.chooseTitle} hint={strings.rooms.chooseHint} />
      )}
    </section>
  );
}
