/** The house: rooms on the left, one of them on the right; on a phone, one at a time. */
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { strings } from '../app/strings';
import { Announcer } from '../components/messages/Announcer';
import { ConnectionBar } from '../components/presence/ConnectionBar';
import { Sidebar } from '../components/rooms/Sidebar';
import { useSignOut } from '../components/session/useSignOut';
import { useWatched } from '../hooks/useChat';
import { useLiveness } from '../hooks/useLiveness';
import { useTitle } from '../hooks/useTitle';
import { BrowsePage } from './BrowsePage';
import styles from './ChatPage.module.css';
import { HomePage } from './HomePage';
import { RoomPage } from './RoomPage';

export function ChatPage({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const [path] = useLocation();
  const [signOut, unsentQuestion] = useSignOut(onSignOut);
  useLiveness();
  const known = useWatched('rooms', (chat) => chat.roomsKnown);
  // The same element for every address in a room, so that going on in it does not open it again.
  const inRoom = ({ roomId, messageId }: { roomId: string; messageId?: string }) =>
    known ? <RoomPage key={roomId} roomId={roomId} messageId={messageId} /> : <Opening />;
  return (
    <div className={styles.shell} data-pane={path === '/' ? 'rooms' : 'room'}>
      <Sidebar onSignOut={signOut} />
      <main className={styles.main}>
        <Switch>
          <Route path="/r/:roomId">{inRoom}</Route>
          <Route path="/r/:roomId/m/:messageId">{inRoom}</Route>
          <Route path="/browse" component={BrowsePage} />
          <Route path="/">{known ? <HomePage /> : <Opening />}</Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </main>
      <div className={styles.notice}>
        <ConnectionBar />
      </div>
      <Announcer />
      {unsentQuestion}
    </div>
  );
}

function Opening() {
  useTitle(undefined);
  return <p className="visually-hidden">{strings.loading}</p>;
}
